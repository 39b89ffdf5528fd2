"""``gridmask hindsight``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmask.cli import times, told, words
from gridmask.cli.command import command
from gridmask.cli.output import coloured, table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from rich.table import Table

    from gridmask.domain.hindsight import Hindsight, Judged


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "hindsight")(hindsight)


async def hindsight(
    session: Session,
    vo: Annotated[str, typer.Argument(metavar="VO", help="The VO, by any of its names; or 'all'.", show_default=False)],
    at: Annotated[
        datetime,
        typer.Option("--at", metavar=times.FORM, parser=times.moment, help="The moment in the past.", show_default=False),
    ],
    known: Annotated[
        datetime | None,
        typer.Option("--known", metavar=times.FORM, parser=times.moment, help="Judge by what was known then; else now."),
    ] = None,
    policies: Annotated[
        Literal["then", "now"], typer.Option("--policies", help="Judge by the policies that were in force then, or are now.")
    ] = "then",
    differences: Annotated[bool, typer.Option("--differences", help="Only the rows that were served otherwise.")] = False,
) -> None:
    """Tell what a VO's mask of the past should have been, by what became known of it later, beside what was served.

    Missed is what was served as usable and should not have been; lost is the reverse. Rows stand as they stood then, with what
    people had decided and with what they owed, and are judged once.
    """
    from gridmask.domain.hindsight import Whose

    async with session.visit() as installation:
        found = await installation.hindsights.look(vo, at, known, Whose(policies))
    shown = found.differences() if differences else found
    parts: list[str | Table] = [_listed(shown), ""] if shown.rows else []
    session.out.show(lambda: told.hindsight(found, differences=differences), *parts, _summary(found))


def _listed(found: Hindsight) -> Table:
    columns = ("element", "aspect", "served", "should be", "that is", "because", "known (UTC)", "says")
    return table(columns, map(_line, found.rows))


def _line(judged: Judged) -> tuple[Any, ...]:
    key, after = judged.key, judged.after
    says = after.reasons[0].text if after.reasons else ""
    learnt = words.moment(judged.learnt_at, "")
    statuses = (coloured(judged.served.status), coloured(after.status))
    return str(key.element), key.status_type, *statuses, judged.divergence or "", judged.why or "", learnt, says


def _summary(found: Hindsight) -> str:
    from gridmask.domain.hindsight import Divergence

    counted = ", ".join(f"{found.of(one):,} {one}" for one in Divergence)
    unsure = f" {len(found.unsure):,} elements were edited since." if found.unsure else ""
    return (
        f"{words.rows(len(found.rows))} of {found.vo} at {words.utc(found.at)}, by what was known at {words.utc(found.known)}: "
        f"{counted}.{unsure}"
    )
