"""What is recorded is taken out as a file, and brought into another database, on every database."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from anyio import to_thread

from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.inspection.worlds import whole
from gridmask.recording import file
from gridmask.replay.masks import masks_at
from gridmask.replay.replaying import as_it_was
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together
from gridmask.service.recording_files import RecordingFiles
from gridmask.service.recordings import Recordings
from gridmask.store.database import EPHEMERAL, Database
from tests import osg
from tests.clocks import at
from tests.contract.test_replaying import comparable
from tests.grid import ADMIN, Grid, catch_up, outage, said, sync, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.domain.state import State
    from gridmask.recording.happening import Happening
    from gridmask.recording.recording import Recording


async def lived(grid: Grid, made: Installation) -> dict[str, dict[str, str]]:
    """Let something happen, all of it recorded. What the masks are then."""
    assert made.worlds
    await made.worlds.keep()
    await sync(made)
    grid.announce()
    for _ in range(2):
        grid.clock.advance(hours=1)
        await sync(made)
        await catch_up(made)
    return {vo: said(await made.masks.mask(vo)) for vo in ("all", "cms", "atlas")}


def replayed(path: Path, folder: Path) -> dict[str, dict[str, str]]:
    """What the masks are in the end, in a replay in which nothing comes to anything else."""
    plan = planning.planned(path)
    plans.save(plan, folder)
    sums = together.run(folder, plan, lambda: False, lambda _: None)
    assert sums is not None
    assert (sums.differing, sums.refused) == (0, 0)
    masks = masks_at(together.lines(folder, plan), plan.until)
    return {vo: said(masks.of(vo)) for vo in ("all", "cms", "atlas")}


async def test_a_file_holds_what_happened_and_it_happens_again(grid: Grid, tmp_path: Path) -> None:
    path = tmp_path / "recording.gz"
    async with grid.open() as made:
        files, served = RecordingFiles(made.database), await lived(grid, made)
        done = await files.export(ADMIN, path, None, grid.clock())
        [period] = await files.periods(ADMIN, grid.clock())
        held = await made.recordings.period(None, grid.clock())
        with pytest.raises(Conflict, match="There is something in this database already"):
            await files.bring(ADMIN, path)
    read = file.read(path)
    assert (read.world, list(read.lines), read.documents) == (held.world, list(held.lines), held.documents)
    assert done.happened == period.happened == len(list(read.lines)) > 2
    assert (done.bytes, period.bytes > 0) == (len(bytes_of(path)), True)
    assert replayed(path, tmp_path) == served
    await brought(path, tmp_path)


async def brought(path: Path, folder: Path) -> None:
    """What is brought in is what was taken out."""
    again, read = folder / "again.gz", file.read(path)
    async with Database(EPHEMERAL) as other:
        await other.upgrade()
        files = RecordingFiles(other)
        await files.bring(ADMIN, path)
        with pytest.raises(Conflict):
            await files.bring(ADMIN, path)
        await files.export(ADMIN, again, None, read.until)
        assert list((await Recordings(other).period(None, read.until)).lines) == list(read.lines)
    assert bytes_of(again) == bytes_of(path)


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


async def test_nothing_is_taken_out_where_there_is_nothing(tmp_path: Path) -> None:
    async with Grid(tmp_path).open() as made:
        files = RecordingFiles(made.database)
        assert await files.periods(ADMIN, at()) == []
        with pytest.raises(InvalidRequest, match="Nothing is recorded yet"):
            await files.export(ADMIN, tmp_path / "x.gz", None, at())
        with pytest.raises(InvalidRequest, match="begins before it ends"):
            await files.export(ADMIN, tmp_path / "x.gz", at(), at(hours=-1))
    assert not (await to_thread.run_sync((tmp_path / "x.gz").exists))


async def test_a_file_holds_no_addresses_and_nothing_of_what_people_may_do(tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    grid.publish()
    grid.announce()
    async with grid.open() as made:
        await lived(grid, made)
        await made.vos.add(ADMIN, "lhcb")
        await RecordingFiles(made.database).export(ADMIN, tmp_path / "x.gz", None, grid.clock())
    text = gzip.decompress(bytes_of(tmp_path / "x.gz")).decode()
    assert ADMIN.name in text
    assert [word for word in ("address", "issuer", "grants", "administrator", "file://", str(tmp_path)) if word in text] == []


async def test_what_was_tidied_away_is_forgotten_in_a_replay_as_well(tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    grid.publish(osg.group("HERE", osg.resource("CE1", "CE")))
    grid.announce()
    async with grid.open(retention={"measurements": timedelta(days=1)}) as made:
        await lived(grid, made)
        await made.evidence.report(ADMIN, "probes", [measured(grid, vo) for vo in ("all", "cms")])
        grid.clock.advance(days=3)
        assert (await made.housekeeping.tidy()).dropped["evidence"] == 2
        recorded = await made.recordings.period(None, grid.clock())
        async with made.database.reading() as connection:
            known = await whole(connection, made.inspector, grid.clock())
    *_, last = as_it_was(*opened(recorded))
    assert {name: some for name, some in last.after.evidence.items() if some} == dict(known.evidence)
    assert last.happening is not None
    assert len(last.happening.forgotten) == 2


async def test_a_batch_that_holds_nothing_any_more_is_over_in_a_replay_as_well(tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    grid.publish(osg.group("HERE", *(osg.resource(f"CE{number}", "CE") for number in range(3))))
    policies = toml_policies(tmp_path, "[guard]\ndeclared_share = 0.0\ndeclared_number = 0\n")
    async with grid.open(policies=policies) as made:
        grid.announce()
        await lived(grid, made)
        for number, name in enumerate(("CE1", "", "CE2", "")):
            grid.clock.advance(minutes=1)
            outages = [outage(str(number), name, at(), at(days=2))] if name else []
            grid.announce(*outages)
            await sync(made)
        assert len(await made.batches.list(waiting=False)) == 2
        recorded = await made.recordings.period(None, grid.clock())
        async with made.database.reading() as connection:
            known = await whole(connection, made.inspector, grid.clock())
    played = list(as_it_was(*opened(recorded)))
    assert {name for one in played for name in one.after.watch.batches} == set(known.watch.batches)
    assert comparable(played[-1].after) == comparable(known)


def measured(grid: Grid, vo: str) -> msgspec.Raw:
    told = {"kind": "probe", "record": vo, "value": {"metric": "submit", "result": "OK"}, "vo": vo}
    times = {"observed_at": grid.clock().isoformat(), "valid_until": (grid.clock() + timedelta(hours=1)).isoformat()}
    return msgspec.Raw(json.dumps({**told, **times, "about": {"type": "ComputingElement", "name": "CE1"}}).encode())


def opened(recording: Recording) -> tuple[State, list[Happening]]:
    found = recording.opened(plans.compiled)
    return found.state, list(found.happenings())
