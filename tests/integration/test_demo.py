"""The demonstration from its first hour to the next week, by a clock that is set by hand."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.api.server import serve
from gridmask.demo import stage
from gridmask.demo.play import HOUR, Play
from gridmask.domain.guard import BatchState
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from gridmask.portal.drawing.marks import Mark, marks
from tests.clocks import NOW, Clock
from tests.grid import ADMIN, catch_up, sync
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from gridmask.demo.cast import Cast
    from gridmask.domain.guard import Batch

A_WEEK_AND_A_HALF_DAY = 132
FEEDS = ("gocdb-downtimes", "osg-downtimes")

Row = tuple[str, str]
Rows = dict[Row, Status]


@dataclass
class Record:
    """What was seen at each hour: masks by VO, how the sources fared, all batches, and the marks by VO and name."""

    play: Play
    masks: list[dict[str, Rows]] = field(default_factory=list)
    states: list[dict[str, str]] = field(default_factory=list)
    batches: list[list[Batch]] = field(default_factory=list)
    marks: list[dict[tuple[str, str], tuple[Mark, ...]]] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)

    def statuses(self, name: str, vo: str = ALL, status_type: str = "all") -> list[str]:
        """The status of an element, hour by hour."""
        return [masks[vo][name, status_type].label for masks in self.masks]

    def marked(self, name: str, mark: Mark, vo: str) -> set[int]:
        """The hours of the week at which it had ``mark``."""
        return {hour for hour, found in enumerate(self.marks[:120]) if mark in found.get((vo, name), ())}

    def hours(self, name: str, status: str, vo: str = ALL, status_type: str = "all") -> set[int]:
        """The hours of the week at which it had ``status``."""
        return {hour for hour, found in enumerate(self.statuses(name, vo, status_type)[:120]) if found == status}


@asynccontextmanager
async def playing() -> AsyncIterator[tuple[Installation, Clock]]:
    async with acting() as (made, _, clock):
        yield made, clock


@asynccontextmanager
async def acting() -> AsyncIterator[tuple[Installation, Cast, Clock]]:
    clock = Clock(NOW)
    async with stage.staged(stage.settings(), clock=clock) as (made, cast):
        yield made, cast, clock


@pytest.fixture(scope="module")
def record() -> Record:
    """What is seen of the play."""
    return asyncio.run(watched())


async def watched() -> Record:
    """A moment after each full hour, everything that is due was done."""
    async with acting() as (made, cast, clock):
        record = Record(Play(NOW))
        for hour in range(A_WEEK_AND_A_HALF_DAY):
            clock.now = record.play.moment(hour) + HOUR / 5
            await sync(made, *(() if hour % 3 == 0 else FEEDS))
            await cast.act()
            await catch_up(made)
            record.batches.append(await made.batches.list(waiting=False))
            record.marks.append({key: found for vo in stage.VOS for key, found in (await marked(made, vo)).items()})
            record.masks.append({vo: await rows(made, vo) for vo in (ALL, *stage.VOS)})
            record.states.append({health.noted.name: health.state for health in await made.sources.health()})
            record.revisions.append(made.board.revision)
        return record


async def marked(made: Installation, vo: str) -> dict[tuple[str, str], tuple[Mark, ...]]:
    lines = (await made.matrices.of(vo)).lines
    return {(vo, line.element.key.name): found for line in lines for row in line.rows if (found := marks(row))}


async def rows(made: Installation, vo: str) -> Rows:
    entries = (await made.masks.mask(vo)).entries
    # a storage's status type is enough to tell services of one host apart
    return {(key.name, status_type): status for key, entry in entries.items() for status_type, status in entry.statuses}


pytestmark = pytest.mark.slow


def test_both_registries_are_one_inventory(record: Record) -> None:
    names = {name for name, _ in record.masks[0][ALL]}
    assert {"FJELL-T1", "Prairie", "arc1.fjell.example.org", "Prairie-CE1", "ce2.laguna.example.org"} <= names
    assert "Laguna-OSG-CE" not in names  # it is ce2.laguna.example.org, by its host


async def test_every_category_of_the_mission_is_there() -> None:
    async with playing() as (made, _):
        await sync(made)
        types = {key.type for key in (await made.board.mask(ALL)).entries}
    assert types >= {
        *("Site", "ComputingElement", "WebDAV", "SRMv2", "Catalog", "net.perfSONAR.Bandwidth", "InformationProvider"),
        *("FTS", "MessageQueue", "Database", "Squid", "Submit Node", "CVMFS Stratum-1", "VOMS Server"),
    }


def test_a_vo_sees_what_is_offered_to_it(record: Record) -> None:
    names = {vo: {name for name, _ in rows} for vo, rows in record.masks[0].items()}
    assert "arc-gpu.fjell.example.org" in names["astra"] - names["borealis"] - names["cygnus"] - names["dorado"]
    assert "Mesa-CE" in (names["cygnus"] & names["dorado"]) - names["astra"] - names["borealis"]
    assert "retired.tatra.example.org" not in names[ALL]


def test_the_masks_of_the_vos_differ_at_every_hour(record: Record) -> None:
    for masks in record.masks:
        for one, other in (("astra", "borealis"), ("astra", "cygnus"), ("borealis", "cygnus"), ("cygnus", "dorado")):
            shared = masks[one].keys() & masks[other].keys()
            assert any(masks[one][row] is not masks[other][row] for row in shared)


def test_in_every_four_hours_some_status_changes(record: Record) -> None:
    since = 0
    for hour, (before, after) in enumerate(zip(record.revisions, record.revisions[1:], strict=False), start=1):
        since = 0 if after > before else since + 1
        assert since < 4, f"nothing changed up to hour {hour}"


def test_an_announced_outage_is_followed_to_the_hour(record: Record) -> None:
    assert record.hours("arc1.fjell.example.org", "Banned") == set(range(6, 18))


def test_one_vo_drains_ahead_and_one_probes_afterwards(record: Record) -> None:
    # from Friday evening on, astra drains for the next week's
    assert record.hours("arc1.fjell.example.org", "Banned", "astra") == set(range(18)) | set(range(114, 120))
    assert record.hours("arc1.fjell.example.org", "Probing", "cygnus") == {18, 19, 20}


def test_a_warning_degrades_for_most_and_bans_for_one(record: Record) -> None:
    assert record.hours("squid.tatra.example.org", "Degraded") == set()
    assert set(range(9, 27)) <= record.hours("ce.tatra.example.org", "Degraded")
    assert set(range(9, 27)) <= record.hours("ce.tatra.example.org", "Banned", "borealis")


def test_what_is_extended_while_it_runs_stays_banned_without_a_break(record: Record) -> None:
    assert record.hours("storm.laguna.example.org", "Banned", status_type="ReadAccess") == set(range(3, 30))


def test_what_is_shortened_is_free_at_its_new_end(record: Record) -> None:
    assert record.hours("dcache.heide.example.org", "Banned", status_type="ReadAccess") == set(range(21, 33))


def test_writing_is_drained_before_reading_stops(record: Record) -> None:
    assert record.hours("dcache.heide.example.org", "Banned", status_type="WriteAccess") == set(range(15, 33))


def test_what_is_called_off_ahead_bans_nobody_but_who_drains(record: Record) -> None:
    # but for the power cut of the whole site
    assert record.hours("arc2.sierra.example.org", "Banned") == set(range(57, 69))
    assert record.hours("arc2.sierra.example.org", "Banned", "astra") == set(range(36, 42)) | set(range(45, 69))


def test_what_is_called_off_while_it_runs_is_free_at_once(record: Record) -> None:
    assert record.hours("Mesa-CE", "Banned") == set(range(108, 114))


def test_what_is_published_late_counts_from_then_on(record: Record) -> None:
    assert record.hours("Bayou-SE", "Banned", status_type="ReadAccess") == set(range(26, 48))


def test_one_door_of_two_is_out(record: Record) -> None:
    assert set(range(39, 54)) == record.hours("disk2.fjell.example.org", "Banned", status_type="ReadAccess")
    assert record.hours("disk1.fjell.example.org", "Banned", status_type="ReadAccess") == set()


def test_every_service_of_a_site_goes_with_it(record: Record) -> None:
    services = {row for row in record.masks[60][ALL] if row[0].endswith(".sierra.example.org")}
    assert len({name for name, _ in services}) == 7
    assert {record.masks[60][ALL][row] for row in services} == {Status.BANNED}


def test_no_significant_outage_changes_nothing(record: Record) -> None:
    assert record.hours("Mesa-Squid", "Active") == set(range(120))


def test_a_registry_that_is_away_is_told_and_its_word_stands(record: Record) -> None:
    failing = {hour for hour, states in enumerate(record.states[:120]) if states["gocdb-downtimes"] == "failing"}
    assert failing == set(range(72, 84)) | {115, 116, 117}
    assert {states["osg-downtimes"] for states in record.states[72:84]} == {"good"}
    assert "stale" not in {state for states in record.states for state in states.values()}


def test_what_was_announced_begins_and_ends_while_its_registry_is_away(record: Record) -> None:
    assert record.hours("bdii.fjell.example.org", "Banned") == {79, 80, 81}
    assert 75 in record.hours("ce.tatra.example.org", "Banned")
    assert 74 not in record.hours("ce.tatra.example.org", "Banned")


def test_what_was_edited_meanwhile_is_learnt_when_it_is_back(record: Record) -> None:
    assert record.hours("tape.laguna.example.org", "Banned", status_type="ReadAccess") == set(range(66, 84))
    assert record.hours("ce1.heide.example.org", "Banned") == set(range(84, 93))


STORM = range(22, 29)


def test_a_storm_is_held_whole_and_takes_nothing(record: Record) -> None:
    [batch] = record.batches[22]
    assert (str(batch.cause), set(batch.vos)) == ("source gocdb-downtimes", {ALL, *stage.VOS})
    assert batch.rows > 200
    for vo in (ALL, *stage.VOS):
        before, storm = record.masks[21][vo], [record.masks[hour][vo] for hour in STORM]
        elsewhere = {"Bayou-SE", "Prairie-CE2"}  # what happens there happens for another cause
        taken = {row[0] for mask in storm for row in before if usable(before[row]) and not usable(mask[row])}
        assert taken <= elsewhere


def test_what_the_storm_asked_for_is_marked_until_it_is_over(record: Record) -> None:
    named = ("astra", "ce1.dune.example.org"), ("dorado", "fts.laguna.example.org"), ("cygnus", "lfc.sierra.example.org")
    for vo, name in named:
        assert record.marked(name, Mark.HELD, vo) == set(STORM)
    assert not any(mark is Mark.HELD for marks in record.marks[29:120] for found in marks.values() for mark in found)


def test_a_person_drops_the_storm_and_the_registry_takes_it_back(record: Record) -> None:
    states = [batches[0].state for batches in record.batches[22:30]]
    assert states == [BatchState.HELD] * 5 + [BatchState.DROPPED] * 3
    [batch] = record.batches[29]
    assert (batch.decided_by, "test" in batch.comment) == ("operator-on-duty", True)


def test_nothing_else_in_the_week_is_held(record: Record) -> None:
    assert len(record.batches[119]) == 1


def test_what_flaps_is_held_back_once_it_has_been_banned_three_times(record: Record) -> None:
    assert record.hours("Prairie-CE2", "Banned") == {25, 30, 35}
    assert record.hours("Prairie-CE2", "Probing") == {26, 27, 28, 31, 32, 33, *range(36, 45)}
    assert record.marked("Prairie-CE2", Mark.DAMPED, "dorado") == set(range(35, 45))


def test_a_full_share_stops_the_writing_of_its_vo_alone(record: Record) -> None:
    assert record.hours("Prairie-Store", "Degraded", "borealis", "WriteAccess") == {16, 17}
    assert record.hours("Prairie-Store", "Banned", "borealis", "WriteAccess") == set(range(18, 31))
    assert record.hours("Prairie-Store", "Active", "borealis", "ReadAccess") == set(range(120))
    for vo in {ALL, *stage.VOS} - {"borealis"}:
        assert record.hours("Prairie-Store", "Active", vo, "WriteAccess") == set(range(120))


def test_failing_jobs_ban_for_their_vo_alone(record: Record) -> None:
    assert record.hours("Bayou-CE1", "Degraded", "astra") == {62, 63}
    assert record.hours("Bayou-CE1", "Banned", "astra") == set(range(64, 70))
    assert record.hours("Bayou-CE1", "Probing", "astra") == {70, 71, 72}
    assert record.hours("Bayou-CE1", "Active") == record.hours("Bayou-CE1", "Active", "borealis") == set(range(120))


def test_a_person_holds_a_row_for_their_vo_alone(record: Record) -> None:
    assert record.marked("Redwood-CE", Mark.TAKEN, "dorado") == set(range(13, 30))
    assert record.hours("Redwood-CE", "Banned", "dorado") >= set(range(13, 30))
    assert set(range(13, 30)) <= record.hours("Redwood-CE", "Active")


async def test_whoever_comes_late_finds_what_was_measured_and_not_what_was_done() -> None:
    async with acting() as (made, cast, clock):
        clock.now = cast.acted_until = Play(NOW).moment(20)
        await sync(made)
        await cast.act()
        masks = {vo: await rows(made, vo) for vo in ("borealis", "dorado")}
        assert masks["borealis"]["Prairie-Store", "WriteAccess"] is Status.BANNED
        assert masks["dorado"]["Redwood-CE", "all"] is Status.ACTIVE


async def test_who_slept_through_the_night_does_not_take_what_would_be_given_back_by_now() -> None:
    async with acting() as (made, cast, clock):
        await sync(made)
        clock.now = Play(NOW).moment(40)
        await cast.act()
        assert (await rows(made, "dorado"))["Redwood-CE", "all"] is Status.ACTIVE


async def test_pages_tell_of_the_storm_while_it_lasts() -> None:
    async with acting() as (made, cast, clock):
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for hour, waits in ((21, False), (23, True), (27, False)):
                clock.now = Play(NOW).moment(hour) + HOUR / 5
                await sync(made)
                await cast.act()
                pages = [(await client.get(path)).text for path in ("/", "/vos/dorado/matrix")]
                assert {"would be taken from" in read(page) for page in pages} == {waits}
                assert ("held by the guard" in pages[1].partition('class="key"')[0]) is (hour > 21)


def test_the_next_week_is_as_this_one(record: Record) -> None:
    assert record.masks[120 + 8][ALL] == record.masks[8][ALL]


def test_most_of_the_grid_is_usable_at_every_hour(record: Record) -> None:
    for masks in record.masks:
        assert sum(usable(status) for status in masks["dorado"].values()) > len(masks["dorado"]) * 0.7


async def test_an_operator_reads_why_a_mask_is_held_while_gocdb_is_away() -> None:
    async with playing() as (made, clock):
        for hour in (70, 72, 73):
            clock.now = Play(NOW).moment(hour)
            await sync(made)
            await catch_up(made)
        told = {health.noted.name: (health.state, health.noted.failure) for health in await made.sources.health()}
        assert told["gocdb-downtimes"][0] == told["gocdb"][0] == "failing"
        assert told["osg-downtimes"] == ("good", None)
        assert "503" in str(told["gocdb"][1])


async def test_it_is_served_as_any_installation() -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(serve(stage.settings(), port=0, announce=told.put_nowait, opening=stage.opened))
    try:
        address = await asyncio.wait_for(told.get(), 30)
        async with httpx2.AsyncClient(base_url=address, timeout=10) as client:
            page = (await client.get("/")).text
            assert "One hour of the grid passes in five seconds" in page
            assert (await client.get("/api/v1/masks/borealis")).status_code == 200
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_played_can_be_told() -> None:
    async with playing() as (made, clock):
        assert made.demonstration is not None
        assert "ten minutes" in made.demonstration.compression
        assert any(scene.is_on(clock()) for scene in made.demonstration.scenes(clock()))


async def test_reading_needs_no_permission_of_anybody_else() -> None:
    async with playing() as (made, _):
        reports = [report async for report in made.sources.sync(ADMIN)]
        assert {report.source: (report.failure, report.problems) for report in reports} == {
            source.name: (None, ()) for source in made.settings.source
        }
