"""``gridmask audit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.cli.times import FORM, moment

if TYPE_CHECKING:
    from gridmask.store.audit import Record


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(app, "audit")(audit)


async def audit(
    session: Session,
    vo: Annotated[str | None, typer.Option("--vo", metavar="VO", help="Only what concerned it; all: the installation.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="NAME", help="Only what this actor did.")] = None,
    action: Annotated[str | None, typer.Option("--action", metavar="TEXT", help="Only this, to the letter.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar=FORM, help="Only what was done then or later.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar=FORM, help="Only what was done before.")] = None,
    request: Annotated[str | None, typer.Option("--request", metavar="ID", help="Only what this request did.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=500, help="How many entries at most.")] = 50,
) -> None:
    """Look who did what, the last first: also what automation did."""
    from gridmask.store.audit import Wanted

    wanted = Wanted(vo, actor, action, moment(since) if since else None, moment(until) if until else None, request=request)
    async with session.visit() as installation:
        found = await installation.audit.list(session.actor, wanted, limit)
    lines = [
        (words.moment(one.at), one.actor, one.action, ", ".join(one.vos), f"{one.changed:,}", one.comment, one.address)
        for one in found
    ]
    columns = ("at (UTC)", "who", "what", "VOs", "changed", "why", "from")
    session.out.show(lambda: {"entries": list(map(_told, found))}, table(columns, lines, right=("changed",)))


def _told(record: Record) -> dict[str, object]:
    return {
        "id": record.id,
        "at": record.at,
        "actor": record.actor,
        "actor_kind": record.actor_kind,
        "issuer": record.issuer,
        "address": record.address,
        "request": record.request,
        "action": record.action,
        "comment": record.comment,
        "vos": record.vos,
        "revision": record.revision,
        "details": record.details,
        "changed": record.changed,
    }
