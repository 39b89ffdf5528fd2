"""``gridmask actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.service.deliveries import ActionState, Failed

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="ACTION", help="The action, as `gridmask actions list` calls it.")]
Keys = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY...", help="What it could not tell, as `gridmask actions failed` calls it.", show_default=False),
]
Every = Annotated[bool, typer.Option("--all", help="All that it could not tell.")]
Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
]

_LONGEST = 80


@command(app, "list")
async def list_(session: Session) -> None:
    """List actions: how far each is, and whether it fails."""
    from gridmask.api.actions import ActionSaid, ActionsSaid

    async with session.visit() as installation:
        found = await installation.deliveries.list(session.actor)
    columns = ("action", "kind", "state", "waiting", "oldest (UTC)", "last told (UTC)", "dead letters", "why")
    session.out.show(
        lambda: ActionsSaid(actions=list(map(ActionSaid.model_validate, found))),
        table(columns, map(_line, found), right=("waiting", "dead letters")) if found else "There are no actions.",
    )


@command(app, "failed")
async def failed(
    session: Session,
    action: Annotated[str | None, typer.Argument(metavar="ACTION", help="Only of this action.", show_default=False)] = None,
) -> None:
    """List what actions could not tell: what they wait for, and dead letters."""
    from gridmask.api.actions import FailureSaid, FailuresSaid

    async with session.visit() as installation:
        found = await installation.deliveries.failed(session.actor, action)
    columns = ("action", "key", "about", "from (UTC)", "state", "attempts", "again at (UTC)", "why")
    session.out.show(
        lambda: FailuresSaid(failures=list(map(FailureSaid.model_validate, found))),
        table(columns, map(_failure, found), right=("attempts",)) if found else "Everything could be told.",
    )


@command(app, "retry")
async def retry(session: Session, action: Name, reason: Reason, keys: Keys = None, every: Every = False) -> None:
    """Have it tried again what an action could not tell, by whoever runs the loop, within seconds."""
    async with session.visit() as installation:
        done = await installation.deliveries.retry(session.actor, action, _chosen(keys, every=every), reason)
    session.out.show(lambda: {"keys": done}, f"To be tried again: {', '.join(done) or 'nothing; it failed on nothing'}.")


@command(app, "drop")
async def drop(session: Session, action: Name, reason: Reason, keys: Keys = None, every: Every = False) -> None:
    """Give up on what an action could not tell: it is never told, and the action goes on."""
    async with session.visit() as installation:
        done = await installation.deliveries.drop(session.actor, action, _chosen(keys, every=every), reason)
    session.out.show(lambda: {"keys": done}, f"Given up: {', '.join(done) or 'nothing; it failed on nothing'}.")


def _chosen(keys: list[str] | None, *, every: bool) -> list[str] | None:
    if every and keys:
        raise typer.BadParameter("either keys, or --all")
    return None if every else keys or []


def _line(state: ActionState) -> tuple[str, ...]:
    times = (words.moment(state.oldest_at), words.moment(state.told_at))
    why = words.brief(state.failing, _LONGEST) or "-"
    return state.name, state.kind, state.state, f"{state.waiting:,}", *times, f"{state.dead:,}", why


def _failure(one: Failed) -> tuple[str, ...]:
    made, again = words.moment(one.made_at), words.moment(one.next_at)
    return one.action, one.key, one.about, made, one.state, str(one.attempts), again, words.brief(one.failure, _LONGEST)
