"""``gridmask batch``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import coloured, table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.domain.guard import Batch

app = typer.Typer()

Id = Annotated[str, typer.Argument(metavar="BATCH", help="The batch, as `gridmask batch list` calls it.")]
Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
]

_SHOWN = 40


@command(app, "list")
async def list_(
    session: Session,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that were decided, that expired, or that hold nothing any more.")
    ] = False,
) -> None:
    """List what the guard holds: rows that automation would make unusable, too many at once."""
    from gridmask.api.batches import BatchesSaid, BatchSaid, members

    async with session.visit() as installation:
        batches = await installation.batches.list(waiting=not every)
    columns = ("batch", "because of", "rows", "from", "state", "since (UTC)", "until (UTC)")
    session.out.show(
        lambda: BatchesSaid(batches=[BatchSaid(**members(batch)) for batch in batches]),
        table(columns, map(_line, batches), right=("rows",)) if batches else "Nothing is held.",
    )


@command(app, "show")
async def show(session: Session, batch: Id) -> None:
    """Show the rows that are held in a batch."""
    from gridmask.api.batches import said

    async with session.visit() as installation:
        held = await installation.batches.show(batch)
    rows = [
        (str(row.key.element), row.key.status_type, row.key.vo, coloured(row.status), coloured(row.opinion))
        for row in held.rows[:_SHOWN]
    ]
    more = [f"... and {len(held.rows) - _SHOWN:,} more; --json has them all"] if len(held.rows) > _SHOWN else []
    about = f"{held.batch.rows:,} rows because of {held.batch.cause}, from {', '.join(sorted(held.batch.vos))}."
    columns = ("element", "aspect", "row of", "stays", "automation asks for")
    session.out.show(lambda: said(held), about, "", table(columns, rows), *more)


@command(app, "confirm")
async def confirm(session: Session, batch: Id, reason: Reason) -> None:
    """Let a batch through: its rows become what automation asks for."""
    async with session.visit() as installation:
        outcome = await installation.batches.confirm(session.actor, batch, reason)
    said = f"Confirmed {batch}: {words.rows(len(outcome.changed))} changed."
    session.out.show(lambda: {"revision": outcome.revision, "changed": len(outcome.changed)}, said)


@command(app, "drop")
async def drop(session: Session, batch: Id, reason: Reason) -> None:
    """Keep the rows of a batch as they are, until automation asks for something else, or a day has passed."""
    async with session.visit() as installation:
        outcome = await installation.batches.drop(session.actor, batch, reason)
    session.out.show(lambda: {"revision": outcome.revision}, f"Dropped {batch}: its rows stay as they are.")


def _line(batch: Batch) -> tuple[str, ...]:
    moments = (words.moment(batch.opened_at), words.moment(batch.expires_at))
    return batch.id, str(batch.cause), f"{batch.rows:,}", ", ".join(sorted(batch.vos)), batch.state, *moments
