"""Walks through the portal as people would, with Debian's chromium: on OSG's inventory, and on the demonstration.

Each walk is a question that somebody comes with. Told are the clicks and fields that it took, how long, and every flaw that axe
finds on the pages on its way, in light and in dark.

::

    ./dev acceptance walks [--headed] [--on osg|demo|hostile]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from gridmask.demo import stage
from tests.acceptance import _walks_on_demo, _walks_on_osg
from tests.acceptance._walker import Walk, Walker
from tests.hostile import LISTENER, PAGES, harm, hostile
from tests.served import served_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

LONGEST = 60.0
"""Seconds that a walk may take."""


def main(arguments: list[str]) -> int:
    """Walk all of them; 1 if one does not arrive, takes too long or meets a flaw."""
    parser = argparse.ArgumentParser(prog="./dev acceptance walks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--headed", action="store_true", help="show the browser")
    parser.add_argument("--on", choices=list(PLACES), action="append", help="only there")
    wanted = parser.parse_args(arguments)
    arrived = done = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), headless=not wanted.headed, args=["--no-sandbox", "--disable-gpu"]
        )
        for place in wanted.on or PLACES:
            with PLACES[place](browser) as (address, walks):
                sys.stdout.write(f"on {place}\n")
                arrived += sum(_walked(browser, address, walk) for walk in walks)
                done += len(walks)
        browser.close()
    sys.stdout.write(f"{arrived} of {done} walks arrived\n")
    return arrived < done


@contextmanager
def _on_osg(browser: Browser) -> Iterator[tuple[str, tuple[Walk, ...]]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(served_with(_walks_on_osg.settings(folder)))
        _walks_on_osg.fills_up(browser, address)
        yield address, _walks_on_osg.WALKS


@contextmanager
def _on_demo(_: Browser) -> Iterator[tuple[str, tuple[Walk, ...]]]:
    with served_with(stage.settings(), opening=stage.opened) as address:
        yield address, _walks_on_demo.WALKS


@contextmanager
def _on_hostile_ground(_: Browser) -> Iterator[tuple[str, tuple[Walk, ...]]]:
    with tempfile.TemporaryDirectory() as folder, hostile(Path(folder)) as address:
        yield address, (reads_what_was_meant_to_harm,)


def reads_what_was_meant_to_harm(walker: Walker) -> None:
    """Does anything of what people wrote run, or break a page on a narrow screen?"""
    walker.page.set_viewport_size({"width": 360, "height": 800})
    walker.page.add_init_script(LISTENER)
    done = {path: harm(walker.page, walker.address + path) for path in PAGES}
    assert not any(done.values()), str({path: what for path, what in done.items() if what})


PLACES = {"osg": _on_osg, "demo": _on_demo, "hostile": _on_hostile_ground}


def _walked(browser: Browser, address: str, walk: Walk) -> bool:
    context = browser.new_context(timezone_id="Europe/Zurich", viewport={"width": 1400, "height": 1000})
    walker = Walker(context.new_page(), address)
    began, problem = time.monotonic(), ""
    try:
        walk(walker)
    except (AssertionError, PlaywrightError) as error:
        problem = str(error).splitlines()[0]
    took = time.monotonic() - began - walker.waited
    context.close()
    told = "" if not problem else f": {problem}"
    words = f"{walk.__name__.replace('_', ' ')}: {walker.clicks} clicks, {walker.typed} fields, {took:.1f} s{told}"
    sys.stdout.write("\n".join([words, *(f"  flaw: {flaw}" for flaw in dict.fromkeys(walker.flaws))]) + "\n")
    return not problem and not walker.flaws and took <= LONGEST


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
