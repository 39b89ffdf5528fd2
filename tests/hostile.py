"""An installation in which somebody writes wherever they can what is meant to run in others' browsers, or to break pages."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import OK
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gridmask.bootstrap import installation
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.domain.status import Status
from gridmask.portal.frame import addresses
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store import downtimes
from tests.clocks import Clock, at
from tests.grid import ADMIN, sync
from tests.served import served_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from sqlalchemy.ext.asyncio import AsyncConnection

SCRIPT = "</script><script>alert(1)</script>"
HANDLER = "\"'><img src=x onerror=alert(1)><svg/onload=alert(1)>"
LINK = "javascript:alert(document.domain)"
TURNED = "\u202egnihton si siht\u2066\u200b"
LONG = "W" * 3000
NAMES = (SCRIPT, HANDLER, LINK, "N" * 255, "{{7*7}}${7*7}")
SAID = f"{SCRIPT} {HANDLER} {TURNED} {LONG}"
VO = "V" * 64
"""The worst name that a VO can have."""
LISTENER = """window.met = [];
document.addEventListener("securitypolicyviolation", (event) => met.push(event.violatedDirective + " " + event.blockedURI));
window.alert = () => met.push("alert");"""
"""What a page notes of itself, from before its first line."""

WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => `${one.tagName}.${one.className}`)"""
"""What reaches beyond a screen that has to be scrolled sideways."""

LINKS = "[...document.querySelectorAll('[href],[src],[action]')].map((one) => String(one.href || one.src || one.action))"

PAGES = (
    "/",
    f"/vos/{VO}",
    f"/vos/{VO}/matrix",
    f"/vos/{VO}/matrix?q={quote(HANDLER)}",
    f"/compare?vo={VO}",
    f"/downtimes?vo={VO}",
    "/downtimes?vo=all&span=month",
    f"/policies?vo={VO}",
    f"/policies/{quote(HANDLER, safe='')}?vo={VO}",
    f"/policies/workbench?vo={VO}",
    f"/policies/versions?vo={VO}",
    f"/guard?vo={VO}",
    "/sources",
    "/sources/ours",
    "/sources/feed",
    "/audit",
    f"/audit?vo={VO}",
    f"/reports?vo={VO}",
    "/reports/vos",
    *(addresses.element(ElementKey("Resource", "ComputingElement", name), vo) for name in NAMES for vo in (VO, "all")),
)
"""Every page, with all of it."""


def settings(folder: Path) -> Settings:
    """An inventory of names that nobody would choose in good faith, and a feed that is a page."""
    resources = "".join(
        f"[[site.resource]]\nname = {json.dumps(name)}\ntype = 'ComputingElement'\nhosts = ['{number}.example.org']\n"
        f"tags = [{json.dumps(name[:60])}]\ndescription = {json.dumps(SAID)}\n"
        for number, name in enumerate(NAMES)
    )
    (folder / "ours.toml").write_text(f"[[site]]\nname = {json.dumps(HANDLER)}\n{resources}", encoding="utf-8")
    (folder / "feed.xml").write_text(f"<html><body>{SCRIPT}{HANDLER}{LONG}", encoding="utf-8")
    (folder / "policies").mkdir()
    arguments = f'status = "Degraded", comment = {json.dumps(SAID)}'
    policy = f'[policy.{json.dumps(HANDLER)}]\ntype = "always"\narguments = {{ {arguments} }}\n'
    (folder / "policies" / "all.toml").write_text(policy, encoding="utf-8")
    kinds = {"ours": ("toml", "ours.toml"), "feed": ("osg-downtimes", "feed.xml")}
    sources = [{"name": name, "kind": kind, "url": (folder / file).as_uri()} for name, (kind, file) in kinds.items()]
    more: dict[str, Any] = {"source": sources, "vo": {VO: {}}, "policies": folder / "policies"}
    return Settings(database=f"sqlite:///{folder / 'gridmask.db'}", **more)


async def fill(given: Settings, clock: Clock) -> None:
    """Have people, and registries, say such things."""
    async with installation(given, clock=clock) as made:
        await sync(made)
        for number, name in enumerate(NAMES):
            called = ElementName(name, "ComputingElement")
            await made.statuses.set(ADMIN, [RowName(called, vo=VO)], Status.BANNED, f"{name} {SAID}"[:3900])
            about = frozenset({ElementKey("Resource", "ComputingElement", name)})
            said = Downtime(DowntimeKey("feed", f"{HANDLER}{number}"), about, Interval(at(), at(hours=9)), HANDLER, url=LINK)
            await made.database.change(partial(_publish, said, clock))
        about_all = tuple(ElementName(name, "ComputingElement") for name in NAMES)
        await made.downtimes.add(ADMIN, Declaration(about_all, at(), at(hours=3), "OUTAGE", SAID[:3900]))


async def _publish(said: Downtime, clock: Clock, connection: AsyncConnection, _: int) -> None:
    await downtimes.save(connection, [said], clock())


@contextmanager
def hostile(folder: Path) -> Iterator[str]:
    """The address of an installation in which somebody writes such things wherever they can."""
    given, clock = settings(folder), Clock()
    # in a thread, since a browser's own loop may run in this one
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, fill(given, clock)).result()
    with served_with(given, clock) as address:
        yield address


def harm(page: Page, address: str) -> list[object]:
    """What the page at ``address`` does that it should not; ``page`` has :data:`LISTENER`."""
    answer = page.goto(address)
    status = answer.status if answer else 0
    scripts = [link for link in page.evaluate(LINKS) if link.lower().startswith(("javascript:", "data:text"))]
    return [*([status] if status != OK else []), *page.evaluate("met"), *scripts, *page.evaluate(WIDER)]
