"""``gridmask notify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.naming import Family, Name, StatusType, Type, Vo, rows
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.service.notifications import Foreseen, Notified

app = typer.Typer()


@command(app, "explain")
async def explain(
    session: Session,
    name: Name,
    type_: Type = None,
    family: Family = None,
    status_type: StatusType = None,
    vo: Vo = ALL,
    status: Annotated[
        str | None,
        typer.Option("--status", metavar="STATUS", help="If it became this; else what it is not: Banned, or Active."),
    ] = None,
) -> None:
    """Tell who would be notified if an element's rows became something else: by which table, when; and why others not."""
    from gridmask.domain.status import Status

    [called] = rows([name], type_, family, status_type, vo)
    wanted = Status.parse(status) if status else None
    async with session.visit() as installation:
        foreseen = await installation.notifications.explain(called, wanted)
        known = bool(installation.notifications.plans.plans)
    shown: list[Any] = [] if known else ["The settings have no [[notify]] table: nobody would be notified of anything."]
    for one in foreseen if known else ():
        shown += [_headline(one), table(("table", "tells", "when (UTC)", "why"), map(_line, one.answers)), ""]
    session.out.show(lambda: {"changes": list(map(_told, foreseen))}, *shown)


@command(app, "test")
async def test(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="The `[[notify]]` table, by name.", show_default=False)],
) -> None:
    """Send a test message to all addresses of a table, at once, whatever the hour."""
    async with session.visit() as installation:
        tried = await installation.notifications.test(session.actor, name)
    lines = [(one.to, one.failure or "sent") for one in tried]
    told = [{"to": one.to, "failure": one.failure or None} for one in tried]
    session.out.show(lambda: {"tried": told}, table(("address", "outcome"), lines))
    if any(one.failure for one in tried):
        raise typer.Exit(1)


def _headline(one: Foreseen) -> str:
    before, after = one.change.before, one.change.after
    told = " -> ".join(status.label for status in (before, after) if status is not None)
    return f"{one.change.row}: {told} ({one.change.severity})"


def _line(answer: Notified) -> tuple[str, ...]:
    return answer.table, answer.to or "nobody", words.moment(answer.at), answer.why


def _told(one: Foreseen) -> dict[str, Any]:
    answers = [
        {"table": answer.table, "to": answer.to or None, "at": answer.at, "why": answer.why or None} for answer in one.answers
    ]
    change = {name: value for name, value in one.change.document().items() if name not in {"kind", "reasons"}}
    return {**change, "severity": one.change.severity, "notified": answers}
