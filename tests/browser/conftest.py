"""Debian's chromium, and a small installation to look at with it."""

from __future__ import annotations

import asyncio
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests import osg
from tests.clocks import at
from tests.grid import Grid, outage, sync, toml_policies
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ALONE = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update")
"""The browser is to talk to nobody but the server that is tested."""


@pytest.fixture(scope="module")  # while it is there, no other test can run an event loop of its own
def browser() -> Iterator[Browser]:
    """Debian's chromium; where there is none a skip, or a failure where servers are required."""
    program = shutil.which("chromium")
    if program is None:
        missing = pytest.fail if os.environ.get("GRIDMASK_REQUIRE_SERVERS") == "1" else pytest.skip
        missing("There is no chromium on PATH. Debian's package `chromium` brings it; ./dev test installs it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ALONE))
        yield browser
        browser.close()


POLICIES = """
[policy.declared-downtimes]
type = "downtime"

[policy.probes]
type = "probe"
match = { type = "ComputingElement" }

[guard]
number = 0
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a server: at A, CE1 is down; at B all is well. What takes more than a fifth of a VO's rows is held."""
    grid = Grid(tmp_path, f"sqlite:///{tmp_path / 'gridmask.db'}")
    grid.publish(
        osg.group("A", osg.resource("CE1", "CE"), osg.resource("CE2", "CE"), osg.resource("SE1", "WebDAV")),
        osg.group("B", osg.resource("CE3", "CE")),
    )
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2), Description="New fans"))
    # in a thread, since the browser's own loop runs in this one; pages of what is not read yet would not be there
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _read(grid)).result()
    with served(grid, policies=toml_policies(tmp_path, POLICIES)) as address:
        yield address


async def _read(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that complains of nothing, and asks nobody else, while a test uses it."""
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
    page.on("response", lambda response: complaints.append(response.url) if response.status >= 400 else None)
    yield page
    page.close()
    assert complaints == []
