"""What pages and forms keep to themselves: of another VO, nobody is told anything, also not by what goes wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from tests.api.test_several_vos import held
from tests.clocks import at
from tests.forms import OURS
from tests.grid import ADMIN

if TYPE_CHECKING:
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
