"""``gridmask source``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from gridmask.cli import told, words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.service.sources import Health

app = typer.Typer()


@command(app, "list")
async def list_(session: Session) -> None:
    """List the sources in force, and how each fares; below, what is wrong with them."""
    async with session.visit() as installation:
        sources = await installation.sources.health()
    columns = ("source", "kind", "state", "last answer", "records", "problems")
    lines = table(columns, map(_line, sources), right=("records", "problems"))
    session.out.show(lambda: told.sources(sources), lines, *_troubles(sources))


def _line(one: Health) -> tuple[str, ...]:
    noted = one.noted
    answered = words.distance(noted.answered_at, one.now) if noted.answered_at else "never"
    return noted.name, noted.kind, one.state, answered, f"{noted.records:,}", f"{len(noted.problems):,}"


def _troubles(sources: list[Health]) -> list[str]:
    troubles = []
    for noted in (one.noted for one in sources):
        failures = "" if noted.failures == 1 else f"; failed {noted.failures:,} times in a row"
        troubles += (
            [f"{noted.name} failed {words.moment(noted.attempted_at)}{failures}: {noted.failure}"] if noted.failure else []
        )
        troubles += [f"{noted.name}: {problem}" for problem in noted.problems]
    return ["", *troubles] if troubles else []
