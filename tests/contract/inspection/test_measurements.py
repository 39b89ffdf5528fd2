"""Measurements, from a document or a report to the mask."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import Conflict, Forbidden, InvalidRequest, MalformedAnswer, NotKnown
from gridmask.domain.measurements import Space
from gridmask.service.selection import ElementName, RowName
from gridmask.source import Source
from gridmask.store import evidence
from tests import osg
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, CMS, catch_up, said, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.evidence import Evidence
    from tests.grid import Grid

POLICIES = """
[policy.space]
type = "free-space"
match = { type = "WebDAV" }
arguments = { banned_below = "1 TB", degraded_below = "5 TB", banned_below_fraction = 0, degraded_below_fraction = 0 }
"""


def space(free: float, **told: Any) -> dict[str, Any]:  # noqa: ANN401
    about = {"type": "WebDAV", "name": "SE1"}
    value = {"total": 1e14, "free": free}
    return {"kind": "space", "about": about, "value": value, "observed_at": at().isoformat(), **told}


def raw(*items: dict[str, Any]) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(item).encode()) for item in items]


@pytest.fixture
def storage(grid: Grid) -> Grid:
    """A grid of one SE, with a policy about its space."""
    grid.publish(osg.group("SITE", osg.resource("SE1", "WebDAV")))
    grid.announce()
    toml_policies(grid.folder, POLICIES)
    return grid


def settings(grid: Grid, *measured: dict[str, Any]) -> dict[str, Any]:
    path = grid.folder / "measured.json"
    path.write_text(json.dumps({"measurements": measured}))
    own = Source(name="own", kind="measurements", url=path.as_uri())
    return {"policies": grid.folder / "policies", "source": (*grid.settings().source, own)}


async def status(made: Installation, vo: str = "cms") -> str:
    return said(await made.masks.mask(vo))["SE1"]


async def test_a_document_of_measurements_decides(storage: Grid) -> None:
    async with storage.open(**settings(storage, space(5e11))) as made:
        assert (await sync(made))["own"].added == 1
        assert await status(made) == "Banned"
        settings(storage, space(2e12))
        assert (await sync(made, "own"))["own"].edited == 1
        assert await status(made) == "Probing"


async def test_a_name_that_no_database_keeps_costs_its_own_record_alone(storage: Grid) -> None:
    strange = [{"type": "WebDAV", "name": "SE1\0"}, {"host": "a.example.org", "service": "x" * 100}]
    async with storage.open(**settings(storage, *(space(1, about=about) for about in strange), space(5e11))) as made:
        report = (await sync(made))["own"]
        assert (report.failure, report.added, len(report.problems)) == (None, 1, 2)
        assert await status(made) == "Banned"


async def test_what_is_not_measured_any_more_holds_what_it_said(storage: Grid) -> None:
    async with storage.open(**settings(storage, space(2e12))) as made:
        await sync(made)
        settings(storage)
        assert (await sync(made, "own"))["own"].removed == 1
        assert await status(made) == "Degraded"
        [explanation] = await made.statuses.why(RowName(ElementName("SE1"), "ReadAccess"))
        assert [v.held for v in explanation.seen.row.verdicts if v.policy == "space"] == [True]


async def test_what_has_expired_holds_too_and_the_row_is_looked_at_when_it_does(storage: Grid) -> None:
    async with storage.open(**settings(storage, space(2e12, valid_for="1h"))) as made:
        await sync(made)
        storage.clock.advance(hours=2)
        await catch_up(made)
        assert await status(made) == "Degraded"


async def test_what_is_reported_counts_like_what_is_read(storage: Grid) -> None:
    async with storage.open(policies=storage.folder / "policies") as made:
        await sync(made)
        first = await made.evidence.report(ADMIN, "script", raw(space(5e11)))
        assert (first.taken, await status(made)) == (1, "Banned")
        again = await made.evidence.report(ADMIN, "script", raw(space(5e11)))
        assert (again.taken, again.outcome.revision) == (1, None)


async def health(made: Installation) -> dict[str, Any]:
    return {one.noted.name: one for one in await made.sources.health() if one.noted.name == "script"}


async def test_who_reports_is_listed_like_what_is_read_as_long_as_something_of_it_is_there(storage: Grid) -> None:
    async with storage.open(policies=storage.folder / "policies") as made:
        assert await health(made) == {}
        await made.evidence.report(ADMIN, "script", raw(space(5e11), space(5e11, vo="cms")))
        one = (await health(made))["script"]
        assert (one.noted.kind, one.state, one.in_force, one.noted.records) == ("reported", "good", 2, 2)
        assert (one.noted.answered_at, one.noted.valid_until) == (at(), at(hours=2))
        storage.clock.advance(hours=1)
        await made.evidence.report(ADMIN, "script", raw(space(6e11, observed_at=at(hours=1).isoformat())))
        one = (await health(made))["script"]
        assert (one.noted.records, one.between, one.next_at) == (1, timedelta(hours=1), None)
        storage.clock.advance(hours=3)
        assert (await health(made))["script"].state == "stale"
        gone = {"about": {"type": "WebDAV", "name": "SE1"}, "record": "space"}
        await made.evidence.report(ADMIN, "script", [], raw(gone, {**gone, "record": "space/cms"}))
        assert await health(made) == {}


async def test_what_was_reported_under_a_name_says_nothing_of_a_source_that_is_called_so_later(storage: Grid) -> None:
    async with storage.open(policies=storage.folder / "policies") as made:
        await made.evidence.report(ADMIN, "own", raw(space(5e11)))
    async with storage.open(**settings(storage)) as made:
        [own] = [one for one in await made.sources.health() if one.noted.name == "own"]
        assert (own.state, own.noted.kind, own.noted.valid_until) == ("never", "measurements", None)


async def test_a_measurement_for_one_vo_stands_in_place_of_the_general_one_where_it_has_a_row(storage: Grid) -> None:
    toml_policies(storage.folder, POLICIES, cms="[policy.space]\narguments = { degraded_below = '6 TB' }\n")
    async with storage.open(policies=storage.folder / "policies") as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", raw(space(9e12), space(5e11, vo="cms")))
        assert [await status(made, vo) for vo in ("cms", "atlas", "all")] == ["Banned", "Active", "Active"]


async def test_evidence_about_a_vo_makes_no_row_of_its_own(storage: Grid) -> None:
    async with storage.open(policies=storage.folder / "policies") as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", raw(space(5e11, vo="cms")))
        assert {row[2] for row in (await books.read(made.database))["statuses"]} == {"all"}


async def test_reports_that_cannot_be_are_refused_whole(storage: Grid) -> None:
    async with storage.open(policies=storage.folder / "policies") as made:
        await sync(made)
        shifter = Actor.operator("shifter", "cms")
        refused: list[tuple[Any, type[Exception], str]] = [
            ((ADMIN, "script", raw(space(1), space(1, kind="x"))), InvalidRequest, "Nothing was taken"),
            ((ADMIN, "osg", raw(space(1))), Conflict, "is read"),
            ((ADMIN, "manual", raw(space(1))), InvalidRequest, "can name no source"),
            ((ADMIN, "script", raw(space(1, vo="ligo"))), NotKnown, "no VO called 'ligo'"),
            ((ADMIN, "script", raw(space(1, observed_at=at(hours=1).isoformat()))), InvalidRequest, "in the future"),
            ((shifter, "script", raw(space(1))), Forbidden, "report evidence for all"),
        ]
        for asked, error, text in refused:
            with pytest.raises(error, match=text):
                await made.evidence.report(*asked)
        assert (await books.counts(made.database, "evidence")) == {"evidence": 0}


async def test_what_expired_long_ago_is_forgotten(storage: Grid) -> None:
    async with storage.open(policies=storage.folder / "policies") as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", raw(space(2e12)))
        storage.clock.advance(days=8)
        await made.inspector.sweep(100)
        await made.housekeeping.tidy()
        assert (await books.counts(made.database, "evidence")) == {"evidence": 0}
        assert await status(made) == "Degraded"


async def test_what_comes_late_does_not_replace_what_is_newer(storage: Grid) -> None:
    async with storage.open(**settings(storage)) as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", raw(space(1e11, record="SE1", observed_at=at().isoformat())))
        await made.evidence.report(ADMIN, "script", raw(space(9e13, record="SE1", observed_at=at(hours=-1).isoformat())))
        assert await status(made) == "Banned"


async def test_nobody_replaces_what_was_reported_about_a_vo_that_is_not_theirs(storage: Grid) -> None:
    async with storage.open(**settings(storage)) as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", raw(space(1e11, record="SE1")))
        with pytest.raises(Forbidden):
            await made.evidence.report(CMS, "script", raw(space(9e13, record="SE1", vo="cms")))


async def test_a_site_about_which_no_ticket_is_open_any_more_is_active_again(storage: Grid) -> None:
    toml_policies(storage.folder, '[policy.tickets]\ntype = "tickets"\nmatch = { family = "Site" }\n')
    helpdesk = [{"id": 7, "wlcg_sites": "SITE"}]
    source = Source(name="ggus", kind="zammad", url=(storage.folder / "tickets.json").as_uri())
    policies, sources = storage.folder / "policies", (*storage.settings().source, source)
    async with storage.open(policies=policies, source=sources) as made:
        for listed, expected in ((helpdesk, "Degraded"), ([], "Active"), ([], "Active"), (helpdesk, "Degraded")):
            (storage.folder / "tickets.json").write_text(json.dumps(listed))
            storage.clock.advance(hours=1)
            await sync(made)
            entries = (await made.masks.mask("cms")).entries
            assert [status.label for _, status in entries[ElementKey("Site", "Site", "SITE")].statuses] == [expected]


async def test_a_vo_goes_by_its_aliases_in_what_is_measured(storage: Grid) -> None:
    toml_policies(storage.folder, POLICIES, cms="[policy.space]\narguments = { degraded_below = '6 TB' }\n")
    told = settings(storage, space(5e11, vo="uscms"), space(9e13))
    async with storage.open(**told, vo={"cms": {"aliases": ["uscms"]}, "atlas": {}}) as made:
        await sync(made)
        assert (await status(made), await status(made, "atlas")) == ("Banned", "Active")


async def test_what_is_no_number_is_refused_and_what_was_measured_before_can_still_be_read(storage: Grid) -> None:
    async with storage.open(**settings(storage, space(1e13))) as made:
        await sync(made)
        known = await evidence_of(made)
        spoilt = [replace(item, value=Space(float("nan"), 1e12)) for item in known]
        with pytest.raises(MalformedAnswer, match="is no number"):
            await made.database.change(lambda connection, _: evidence.save(connection, spoilt))
        assert await evidence_of(made) == known
        assert await status(made) == "Active"


async def evidence_of(made: Installation) -> list[Evidence]:
    async with made.database.reading() as connection:
        return await evidence.about(connection, ["SE1"])
