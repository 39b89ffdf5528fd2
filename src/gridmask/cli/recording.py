"""``gridmask recording``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import times, words
from gridmask.cli.command import command
from gridmask.cli.histories import Downtimes, EarlyUntil, EarlyVersions, InventoryFile, Named, history
from gridmask.cli.options import DiracDatabase
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.recording.recording import Recording
    from gridmask.service.recording_files import Period

app = typer.Typer()

Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar=times.FORM, parser=times.day_or_moment, help="From when on; else all that is there."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", metavar=times.FORM, parser=times.day_or_moment, help="Up to when; else to its end."),
]
Written = Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")]


@command(app, "list")
async def list_(session: Session) -> None:
    """List what is recorded: the stretches from one moment where a replay can begin to the next, and how much each takes."""
    from gridmask.clock import system_clock
    from gridmask.service.recording_files import RecordingFiles

    async with session.visit() as installation:
        found = await RecordingFiles(installation.database).periods(session.actor, system_clock())
    lines = [(words.utc(one.since), words.utc(one.until), f"{one.happened:,}", f"{one.bytes:,}") for one in found]
    shown = table(("since (UTC)", "until (UTC)", "events", "bytes"), lines, right=("events", "bytes"))
    session.out.show(lambda: _listed(found), *([shown] if found else ["Nothing is recorded yet."]))


@command(app, "export")
async def export(session: Session, file: Written, since: Since = None, until: Until = None) -> None:
    """Write what happened in a period to a file, from which it can happen again anywhere.

    It begins with how everything stood at the last moment at which that was written down, at --since or before.
    """
    from gridmask.clock import system_clock
    from gridmask.service.recording_files import RecordingFiles

    async with session.visit() as installation:
        done = await RecordingFiles(installation.database).export(session.actor, file, since, until or system_clock())
    text = f"{file}: {done.happened:,} events from {words.utc(done.begins)} to {words.utc(done.until)}, {done.bytes:,} bytes."
    session.out.show(lambda: {"file": str(file), **_told(done.since, done.until, done.happened), "bytes": done.bytes}, text)


@command(app, "import")
async def import_(session: Session, file: Annotated[Path, typer.Argument(metavar="FILE", help="The recording.")]) -> None:
    """Bring a recording into a database of its own, which nobody operates, to look at it there.

    Name the database with --database; a new one on SQLite is made. One in which there is something already is refused.
    """
    from gridmask.domain.errors import InvalidRequest
    from gridmask.service.recording_files import RecordingFiles
    from gridmask.store.database import EPHEMERAL, Database

    url = session.settings.database
    if url == EPHEMERAL:
        raise InvalidRequest("An ephemeral database lasts as long as one command: name another one with --database.")
    async with Database(url) as database:
        if not database.exists:
            await database.upgrade()
        await database.check()
        found = await RecordingFiles(database).bring(session.actor, file)
    _show(session, found, f"{file} is in the database")


@command(app, "make")
async def make(
    session: Session,
    file: Written,
    downtimes: Downtimes = None,
    inventory: InventoryFile = None,
    named: Named = False,
    early: EarlyVersions = "happened",
    early_until: EarlyUntil = None,
    since: Since = None,
    until: Until = None,
    policies: Annotated[
        Path | None,
        typer.Option("--policies", metavar="DIR", help="The policies that a replay decides by if it is given no others."),
    ] = None,
) -> None:
    """Make a recording of a history that others have: an inventory, and every published version of downtimes."""
    from gridmask.recording import file as files

    made = history(session, downtimes, inventory, named, early, early_until, since, until, policies)
    files.write(file, made)
    _show(session, made, f"{file} is written")


@command(app, "from-dirac")
async def from_dirac(session: Session, file: Written, url: DiracDatabase) -> None:
    """Make a recording of what DIRAC's database remembers: which status each row had when. Nothing is written there."""
    from anyio import to_thread

    from gridmask.clock import system_clock
    from gridmask.dirac_db.report import Report
    from gridmask.dirac_db.source import Source
    from gridmask.recording import file as files
    from gridmask.replay.importers import dirac

    async with Source(url) as source:
        made = await dirac.recorded(source, system_clock(), Report())
    await to_thread.run_sync(files.write, file, made)
    _show(session, made, f"{file} is written")


def _show(session: Session, made: Recording, what: str) -> None:
    since, events = made.since or made.world.at, _count(made)
    text = f"{what}: {events:,} events from {words.utc(since)} to {words.utc(made.until)}."
    session.out.show(lambda: _told(since, made.until, events), text)


def _count(made: Recording) -> int:
    return sum(1 for _ in made.lines)


def _told(since: datetime, until: datetime, happened: int) -> dict[str, object]:
    return {"since": since, "until": until, "events": happened}


def _listed(found: Sequence[Period]) -> list[dict[str, object]]:
    return [{**_told(one.since, one.until, one.happened), "bytes": one.bytes} for one in found]
