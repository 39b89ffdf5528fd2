"""``gridmask db tidy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.inspection.housekeeping import Tidied


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(app, "tidy")(tidy)


async def tidy(
    session: Session,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")] = False,
) -> None:
    """Drop what need not be kept, and make the snapshots that are due, as the server does now and then."""
    from gridmask.clock import system_clock
    from gridmask.inspection.housekeeping import Housekeeping
    from gridmask.service.in_force import require_something
    from gridmask.store.database import Database

    async with Database(session.settings.database) as database:
        require_something(database, session.settings.database)
        await database.check()
        keeping = Housekeeping(database, system_clock, session.settings.retention, session.settings.recording)
        done = await (keeping.preview() if dry_run else keeping.tidy())
    told = {"dry_run": dry_run, "dropped": dict(done.dropped), "snapshots": done.snapshots}
    session.out.show(lambda: told, *_lines(done, dry_run=dry_run))


def _lines(done: Tidied, *, dry_run: bool) -> Iterator[str]:
    dropped, made = ("to drop", "to make, about") if dry_run else ("dropped", "made")
    for table, count in done.dropped.items():
        yield f"{table}: {count:,} {dropped}"
    yield f"snapshots: {done.snapshots:,} {made}"
