"""Walks on OSG's inventory where it is at hand: some 1,100 resources, and storage that a VO cannot write to."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from gridmask.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.acceptance._walker import Walk, Walker

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "osg-topology"
TOPOLOGY = "served_rgsummary.xml"

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


WALKS: tuple[Walk, ...] = (
    finds_what_is_wrong,
    reads_as_a_site_administrator,
    puts_back_what_stopped_taking_data,
    sees_who_did_what,
    looks_at_the_downtimes,
    tries_a_policy,
    compares_the_vos,
    reports_a_month,
)


def settings(folder: Path) -> Settings:
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


def fills_up(browser: Browser, address: str) -> None:
    """Have CERN-EOS run out of space for alpha."""
    observed = datetime.now(UTC) - timedelta(minutes=1)
    value = {"total": 1e15, "free": 1e12}
    about = {"type": "StorageElement", "name": "CERN-EOS"}
    told = {"kind": "space", "about": about, "value": value, "observed_at": observed.isoformat()}
    page = browser.new_page()
    sent = page.request.post(f"{address}/api/v1/evidence", data={"source": "script", "measurements": [told]})
    assert sent.ok, json.dumps(sent.json())
    page.close()
