"""``gridmask token``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import times, told, words
from gridmask.cli.command import command
from gridmask.cli.custody import Agreed, Lasting, Reason, Review, Seen, Trying, Until, Why, done, wanted_term
from gridmask.cli.naming import Family, Matches, Site, SomeNames, StatusType, Type, Vo, chosen
from gridmask.cli.output import coloured, table
from gridmask.cli.session import Session
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rich.console import RenderableType

    from gridmask.domain.element import RowKey
    from gridmask.domain.row import Row
    from gridmask.service.tokens import Tokens
    from gridmask.store.ledger import Outcome

    Deal = Callable[[Tokens], Awaitable[tuple[Outcome, tuple[RowKey, ...]]]]

app = typer.Typer()


@command(app, "list")
async def list_(
    session: Session,
    vo: Annotated[str | None, typer.Option("--vo", metavar="VO", help="Of this VO's rows alone.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", metavar="NAME", help="What this person holds.")] = None,
    before: Annotated[
        datetime | None,
        typer.Option("--before", metavar=times.FORM, parser=times.moment, help="What ends, or is to be reviewed, before then."),
    ] = None,
) -> None:
    """List who holds what, and until when."""
    async with session.visit() as installation:
        held = await installation.tokens.list(vo=vo, owner=owner, before=before)
    columns = ("element", "row of", "status", "automation says", "held by", "until (UTC)", "review (UTC)")
    session.out.show(lambda: told.tokens(held), table(columns, map(_line, held)) if held else "Nobody holds any row.")


@command(app, "take")
async def take(
    session: Session,
    reason: Reason,
    names: SomeNames = None,
    type_: Type = None,
    family: Family = None,
    status_type: StatusType = None,
    vo: Vo = ALL,
    site: Site = None,
    match: Matches = None,
    until: Until = None,
    lasting: Lasting = False,
    agreed: Agreed = False,
    review: Review = None,
    seen: Seen = None,
    trying: Trying = False,
) -> None:
    """Take rows out of automation's hands as they are, whosever they were."""
    rows = chosen(names, type_, family, status_type, vo, site, match)
    term = wanted_term(until, lasting, agreed, review)
    await _deal(session, lambda tokens: tokens.take(session.actor, rows, reason, term, seen=seen), trying=trying)


@command(app, "extend")
async def extend(
    session: Session,
    names: SomeNames = None,
    reason: Why = "",
    type_: Type = None,
    family: Family = None,
    status_type: StatusType = None,
    vo: Vo = ALL,
    site: Site = None,
    match: Matches = None,
    until: Until = None,
    lasting: Lasting = False,
    agreed: Agreed = False,
    review: Review = None,
    seen: Seen = None,
    trying: Trying = False,
) -> None:
    """Hold rows for another term from now; all of them must be yours."""
    rows = chosen(names, type_, family, status_type, vo, site, match)
    term = wanted_term(until, lasting, agreed, review)
    await _deal(session, lambda tokens: tokens.extend(session.actor, rows, term, reason, seen=seen), trying=trying)


@command(app, "release")
async def release(
    session: Session,
    names: SomeNames = None,
    reason: Why = "",
    type_: Type = None,
    family: Family = None,
    status_type: StatusType = None,
    vo: Vo = ALL,
    site: Site = None,
    match: Matches = None,
    seen: Seen = None,
    trying: Trying = False,
) -> None:
    """Give rows back to automation, which decides about them at once."""
    rows = chosen(names, type_, family, status_type, vo, site, match)
    await _deal(session, lambda tokens: tokens.release(session.actor, rows, reason, seen=seen), trying=trying)


async def _deal(session: Session, deal: Deal, *, trying: bool) -> None:
    """Let ``deal`` happen, and tell what became of the rows."""
    async with session.visit(trying=trying) as installation:
        outcome, keys = await deal(installation.tokens)
        now_are = await installation.statuses.rows(keys)
    session.out.show(lambda: told.changed(now_are, outcome), *done(now_are, outcome.revision, trying=trying))


def _line(row: Row) -> tuple[RenderableType, ...]:
    token = row.token
    assert token is not None
    until = words.moment(token.expires_at) if token.expires_at else "released"
    review = words.moment(token.review_at) if token.review_at else "-"
    named = words.row(row.key)
    ends = f"{until}, or agreed" if token.agreed else until
    return named, row.key.vo, coloured(row.status), coloured(row.opinion), token.owner, ends, review
