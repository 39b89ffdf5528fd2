"""Walks through the portal as people would, with Debian's chromium, on OSG's inventory where it is at hand.

Each walk is a question that somebody comes with. Told are the clicks and fields that it took, how long, and every flaw that axe
finds on the pages on its way, in light and in dark.

::

    ./dev acceptance walks [--headed]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright

from gridmask.settings import Settings
from tests.served import served_with

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "osg-topology"
TOPOLOGY = "served_rgsummary.xml"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

IN_THE_DARK = ["color-contrast", "link-in-text-block"]
"""What may be otherwise there."""

LONGEST = 60.0
"""Seconds that a walk may take."""

INVENTORY = """
[[site]]
name = "CERN"

[[site.resource]]
name = "CERN-EOS"
type = "StorageElement"

[[site.resource]]
name = "CERN-CTA"
type = "StorageElement"
"""

POLICIES = """
[policy.little-space]
type = "free-space"
match = { status_type = "WriteAccess" }
arguments = { degraded_below = "20 TB", banned_below = "5 TB" }
"""


@dataclass
class Walker:
    """Somebody at a browser, and how much they had to do."""

    page: Page
    address: str
    clicks: int = 0
    typed: int = 0
    flaws: list[str] = field(default_factory=list)

    def goes(self, path: str) -> None:
        """Type an address, or follow a bookmark."""
        self.page.goto(self.address + path)
        self._looks()

    def clicks_on(self, what: Locator) -> None:
        """Click, and look at what comes."""
        what.click()
        self.clicks += 1
        self.page.wait_for_load_state()
        self._looks()

    def types(self, what: Locator, text: str) -> None:
        """Fill in a field."""
        what.fill(text)
        self.typed += 1

    def _looks(self) -> None:
        self._checks(RULES)
        self.page.emulate_media(color_scheme="dark")
        self._checks(IN_THE_DARK)
        self.page.emulate_media(color_scheme="light")

    def _checks(self, rules: list[str]) -> None:
        found = Axe().run(self.page, options={"runOnly": rules}).response["violations"]
        grave = [flaw for flaw in found if flaw["impact"] in {"serious", "critical"}]
        self.flaws += [f"{self.page.url}: {flaw['id']} at {flaw['nodes'][0]['html'][:120]}" for flaw in grave]


def puts_back_what_stopped_taking_data(walker: Walker) -> None:
    """CERN-EOS stopped taking our data. Why, since when exactly, who can fix it; put it back until tomorrow noon."""
    page = walker.page
    walker.goes("/vos/alpha")
    walker.types(page.get_by_role("searchbox", name="Find an element, site or host"), "CERN-EOS")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="CERN-EOS", level=1)).to_be_visible()
    answer = page.locator(".answers").first
    expect(answer).to_contain_text("Banned")
    expect(answer).to_contain_text("little-space")
    expect(answer.locator("time").first).to_be_visible()
    walker.clicks_on(page.get_by_role("radio", name="Active").first)
    walker.clicks_on(page.get_by_role("radio", name="noon", exact=False).first)
    walker.types(page.get_by_role("textbox", name="Why").first, "The space that is asked about is freed tonight.")
    walker.clicks_on(page.get_by_role("button", name="Set", exact=True).first)
    expect(page.locator("main")).to_contain_text("Undo")
    rows = page.request.get(f"{walker.address}/api/v1/statuses?vo=alpha&name=CERN-EOS").json()["statuses"]
    assert {row["status_type"]: row["status"] for row in rows}["WriteAccess"] == "Active"


def finds_what_is_wrong(walker: Walker) -> None:
    """What is wrong for our VO right now?"""
    page = walker.page
    walker.goes("/vos/alpha")
    walker.clicks_on(page.locator("#by-Banned"))
    expect(page.locator(".cell.Banned").first).to_be_visible()
    walker.clicks_on(page.locator(".cell.Banned").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("CERN")


def reads_as_a_site_administrator(walker: Walker) -> None:
    """Why is my storage banned for that VO, and where is the number from?"""
    page = walker.page
    walker.goes("/vos/alpha/matrix?q=CERN")
    walker.clicks_on(page.locator(".cell.Banned").first)
    expect(page.locator("main")).to_contain_text("free")
    expect(page.locator("main")).to_contain_text("script")


def looks_at_the_downtimes(walker: Walker) -> None:
    """What is announced this month?"""
    walker.goes("/vos/alpha")
    walker.clicks_on(walker.page.get_by_role("link", name="Downtimes").first)
    walker.clicks_on(walker.page.get_by_role("link", name="Month"))
    expect(walker.page.get_by_role("heading", level=1)).to_contain_text("Downtimes")


def tries_a_policy(walker: Walker) -> None:
    """What would happen if less free space were enough?"""
    page = walker.page
    walker.goes("/policies/workbench?vo=alpha")
    text = '[policy.less-space]\ntype = "free-space"\narguments = { banned_below = "1 TB" }\n'
    walker.types(page.locator("#text"), text)
    walker.clicks_on(page.get_by_role("button", name="Check"))
    expect(page.locator("#results")).to_be_visible()
    walker.clicks_on(page.get_by_role("button", name="What if?"))
    expect(page.locator("#results")).to_be_visible()
    expect(page.locator("#text")).to_have_value(text)


def compares_the_vos(walker: Walker) -> None:
    """Who else cannot write there?"""
    walker.goes("/compare?status_type=WriteAccess&q=CERN")
    expect(walker.page.locator("main")).to_contain_text("CERN-EOS")


def reports_a_month(walker: Walker) -> None:
    """How available were our sites, as a table for the meeting?"""
    walker.goes("/reports?vo=alpha")
    with walker.page.expect_download() as download:
        walker.clicks_on(walker.page.get_by_role("link", name="CSV").first)
    assert "CERN" in Path(download.value.path()).read_text(encoding="utf-8")


def sees_who_did_what(walker: Walker) -> None:
    """Who put CERN-EOS back?"""
    walker.goes("/audit?vo=alpha")
    expect(walker.page.locator("main")).to_contain_text("The space that is asked about is freed tonight.")


WALKS: tuple[Callable[[Walker], None], ...] = (
    finds_what_is_wrong,
    reads_as_a_site_administrator,
    puts_back_what_stopped_taking_data,
    sees_who_did_what,
    looks_at_the_downtimes,
    tries_a_policy,
    compares_the_vos,
    reports_a_month,
)


def main(arguments: list[str]) -> int:
    """Walk all of them; 1 if one does not arrive, takes too long or meets a flaw."""
    parser = argparse.ArgumentParser(prog="./dev acceptance walks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--headed", action="store_true", help="show the browser")
    wanted = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(served_with(_settings(folder)))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), headless=not wanted.headed, args=["--no-sandbox", "--disable-gpu"]
        )
        _fills_up(browser, address)
        failed = [walk.__name__ for walk in WALKS if not _walked(browser, address, walk)]
        browser.close()
    sys.stdout.write(f"{len(WALKS) - len(failed)} of {len(WALKS)} walks arrived\n")
    return bool(failed)


def _walked(browser: Browser, address: str, walk: Callable[[Walker], None]) -> bool:
    context = browser.new_context(timezone_id="Europe/Zurich", viewport={"width": 1400, "height": 1000})
    walker = Walker(context.new_page(), address)
    began, problem = time.monotonic(), ""
    try:
        walk(walker)
    except (AssertionError, PlaywrightError) as error:
        problem = str(error).splitlines()[0]
    took = time.monotonic() - began
    context.close()
    told = "" if not problem else f": {problem}"
    words = f"{walk.__name__.replace('_', ' ')}: {walker.clicks} clicks, {walker.typed} fields, {took:.1f} s{told}"
    sys.stdout.write("\n".join([words, *(f"  flaw: {flaw}" for flaw in dict.fromkeys(walker.flaws))]) + "\n")
    return not problem and not walker.flaws and took <= LONGEST


def _settings(folder: Path) -> Settings:
    (folder / "policies").mkdir()
    (folder / "policies" / "all.toml").write_text(POLICIES)
    (folder / "inventory.toml").write_text(INVENTORY)
    sources = [{"name": "ours", "kind": "toml", "url": (folder / "inventory.toml").as_uri()}]
    if (SHARED / TOPOLOGY).exists():
        sources.append({"name": "osg", "kind": "osg-topology", "url": (SHARED / TOPOLOGY).as_uri()})
    else:
        sys.stdout.write(f"there is no {TOPOLOGY}: the inventory is a small one\n")
    database = f"sqlite:///{folder / 'gridmask.db'}"
    more: dict[str, Any] = {"source": sources, "vo": {"alpha": {}, "beta": {}}}
    return Settings(database=database, policies=folder / "policies", **more)


def _fills_up(browser: Browser, address: str) -> None:
    """Have CERN-EOS run out of space for alpha."""
    observed = datetime.now(UTC) - timedelta(minutes=1)
    value = {"total": 1e15, "free": 1e12}
    about = {"type": "StorageElement", "name": "CERN-EOS"}
    told = {"kind": "space", "about": about, "value": value, "observed_at": observed.isoformat()}
    page = browser.new_page()
    sent = page.request.post(f"{address}/api/v1/evidence", data={"source": "script", "measurements": [told]})
    assert sent.ok, json.dumps(sent.json())
    page.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
