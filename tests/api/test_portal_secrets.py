"""What pages and forms keep to themselves: of another VO, nobody is told anything, also not by what goes wrong."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.store import downtimes
from tests.api.test_several_vos import held
from tests.clocks import at
from tests.forms import OURS
from tests.grid import ADMIN

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation
    from tests.api.test_rights import Asking
    from tests.grid import Grid


async def banned(made: Installation, name: str, vo: str) -> int:
    """The revision in which a row was banned."""
    outcome, _ = await made.statuses.set(ADMIN, [RowName(ElementName(name), vo=vo)], Status.BANNED, "between us")
    assert outcome.revision is not None
    return outcome.revision


async def test_what_becomes_of_that_which_is_offered_to_others_alone_is_not_told(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        await banned(made, "PRIVATE", "all")
        for vo, told in (("cms", True), ("atlas", False)):
            page = await asking.client.get(f"/vos/{vo}", headers=asking.bearer(f"/{vo}"))
            assert (page.status_code, "between us" in page.text, "PRIVATE" in page.text) == (200, told, told)


async def test_a_reporter_is_not_shown_what_waits_by_a_form_that_is_refused(grid: Grid) -> None:
    async with held(grid) as (asking, _):
        headers = {**asking.bearer("/cms/probes"), **OURS}
        answer = await asking.client.post("/guard/decide", headers=headers, data={"vo": "cms", "decision": "?"})
        assert (answer.status_code, "CE2" in answer.text) == (422, False)


async def test_who_may_not_undo_what_was_done_for_another_vo_is_not_told_whose_it_is(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        form = {"vo": "atlas", "revision": str(await banned(made, "CE1", "cms")), "reason": "x"}
        headers = {**asking.bearer("/atlas/ops"), **OURS}
        answer = await asking.client.post("/deeds/undo", headers=headers, data=form)
        assert (answer.status_code, "cms" in answer.text) == (403, False)


async def test_a_moment_beyond_the_calendar_is_refused(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        row = {"vo": "atlas", "row": "Resource/ComputingElement/CE1/all", "known": "x", "seen": str(made.board.revision)}
        form = {**row, "status": "Banned", "until": "9999-12-31T23:59:59-14:00", "reason": "x"}
        answer = await asking.client.post("/deeds/set", headers={**asking.bearer("/atlas/ops"), **OURS}, data=form)
        assert (answer.status_code, "beyond the calendar" in answer.text) == (422, True)


async def test_the_first_page_counts_no_downtime_that_is_for_another_vo_alone(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        counts = {vo: await _downtimes(asking, vo) for vo in ("cms", "atlas")}
        about = (ElementName("CE2"),)
        await made.downtimes.add(ADMIN, Declaration(about, at(), at(hours=1), "OUTAGE", "moves", vo="cms"))
        assert await _downtimes(asking, "cms") == counts["cms"] + 1
        assert await _downtimes(asking, "atlas") == counts["atlas"]


async def _downtimes(asking: Asking, vo: str) -> int:
    page = (await asking.client.get("/", headers=asking.bearer(f"/{vo}"))).text
    [count] = re.findall(r'<dt>downtimes now</dt><dd><a href="/downtimes">(\d+)</a>', page)
    return int(count)


PRIVATE = "/elements/Resource/ComputingElement/PRIVATE?vo={vo}"
ABOUT_PRIVATE = (
    PRIVATE,
    "/elements?family=Resource&type=ComputingElement&name=PRIVATE&vo={vo}",
    "/audit?vo={vo}",
    "/audit?vo={vo}&format=csv",
    "/downtimes?vo={vo}",
    "/vos/{vo}",
    "/vos/{vo}/matrix?q=PRIVATE",
    "/vos/{vo}/matrix.csv",
    "/compare?vo={vo}",
    "/guard?vo={vo}",
    "/reports?vo={vo}",
    *(f"/api/v1/statuses{path}?name=PRIVATE&vo={{vo}}" for path in ("", "/why", "/history")),
    *("/api/v1/statuses/review?every=true&vo={vo}", "/api/v1/audit?vo={vo}", "/api/v1/tokens?vo={vo}"),
    *("/api/v1/timelines/{vo}", "/api/v1/availability/{vo}", "/api/v1/masks/{vo}", "/api/v1/automation?vo={vo}"),
    *("/api/v1/elements", "/api/v1/downtimes?when=all", "/api/v1/downtimes/{vo}.ics"),
)


async def test_whoever_reads_for_a_vo_is_told_nothing_of_what_is_not_offered_to_it(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        # one person deals at once with a row of atlas, and with what is CMS' alone
        rows = [RowName(ElementName("PRIVATE")), RowName(ElementName("CE1"), vo="atlas")]
        outcome, _ = await made.statuses.set(ADMIN, rows, Status.BANNED, "so it is")
        assert len(outcome.changed) == 2
        await banned(made, "PRIVATE", "cms")
        await made.downtimes.add(ADMIN, Declaration((ElementName("PRIVATE"),), at(), at(hours=1), "OUTAGE", "between us"))
        for address in ABOUT_PRIVATE:
            answer = await asking.client.get(address.format(vo="atlas"), headers=asking.bearer("/atlas/ops"))
            said = answer.text.replace("q=PRIVATE", "").replace('value="PRIVATE"', "")
            named = "PRIVATE" in said and "not offered to atlas" not in said
            assert (address, answer.status_code < 500, named, "between us" in said) == (address, True, False, False)
            assert ("cms" in said) is False, (address, said)


async def test_the_page_of_what_is_not_offered_leads_to_where_its_reader_may_look(grid: Grid) -> None:
    async with held(grid) as (asking, _):
        links = {}
        for groups in (("/atlas",), ("/atlas", "/cms"), ("/experts",)):
            page = await asking.client.get(PRIVATE.format(vo="atlas"), headers=asking.bearer(*groups))
            assert (page.status_code, "It is not offered to atlas" in page.text) == (200, True)
            [main] = re.findall("<main.*?</main>", page.text, re.DOTALL)
            links[groups[-1]] = re.findall(r'href="/elements/[^"]*vo=(\w+)"', main)
        assert links == {"/atlas": [], "/cms": ["cms"], "/experts": ["all", "cms"]}


async def test_the_inventory_is_told_as_far_as_it_is_offered_to_the_reader(grid: Grid) -> None:
    async with held(grid) as (asking, _):
        offered = {}
        for group in ("/atlas", "/cms", "/experts"):
            told = (await asking.client.get("/api/v1/elements?name=PRIVATE", headers=asking.bearer(group))).json()
            offered[group] = [one["offered"] for one in told["elements"]]
        assert offered == {"/atlas": [], "/cms": [["cms"]], "/experts": [["cms"]]}
        answer = await asking.client.get("/api/v1/elements?vo=cms", headers=asking.bearer("/atlas"))
        assert answer.status_code == 403


async def declared(said: Downtime, now: datetime, connection: AsyncConnection, _: int) -> None:
    """Have a version of a downtime kept."""
    await downtimes.save(connection, [said], now)


async def test_what_a_downtime_was_while_it_was_another_vos_is_not_told(grid: Grid) -> None:
    async with held(grid) as (asking, made):
        ce2 = frozenset({ElementKey("Resource", "ComputingElement", "CE2")})
        for vo, hours in (("cms", 9), ("all", 3)):
            said = Downtime(DowntimeKey("feed", "edited"), ce2, Interval(at(hours=-1), at(hours=hours)), "Outage", vo=vo)
            await made.database.change(partial(declared, said, grid.clock()))
            grid.clock.advance(minutes=1)
        for vo, told in (("cms", True), ("atlas", False)):
            for address in (f"/downtimes?vo={vo}&span=day", f"/elements/Resource/ComputingElement/CE2?vo={vo}&span=day"):
                page = await asking.client.get(address, headers=asking.bearer(f"/{vo}"))
                assert (page.status_code, "Outage" in page.text, "shortened" in page.text) == (200, True, told), address
