"""``gridmask status``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import times, told, words
from gridmask.cli.command import command
from gridmask.cli.custody import Agreed, Lasting, Reason, Review, Seen, Trying, Until, done, wanted_term
from gridmask.cli.naming import Family, Matches, Name, Site, SomeNames, StatusType, Type, Vo, chosen, rows
from gridmask.cli.output import coloured, table
from gridmask.cli.session import Session
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from rich.table import Table
    from sqlalchemy import Row as Record

    from gridmask.domain.element import RowKey
    from gridmask.domain.timeline import Stretch, Timeline
    from gridmask.service.review import Ban
    from gridmask.service.statuses import Filter, Page, Statuses
    from gridmask.service.statuses import Seen as SeenRow

app = typer.Typer()


@command(app, "list")
async def list_(
    session: Session,
    vo: Annotated[
        str | None,
        typer.Option("--vo", metavar="VO", help="As this VO sees them; else every row that is kept."),
    ] = None,
    family: Family = None,
    type_: Annotated[str | None, typer.Option("--type", "-t", metavar="TYPE", help="Of elements of this type.")] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Of the elements called so.")] = None,
    site: Annotated[str | None, typer.Option("--site", metavar="SITE", help="Of this site and what belongs to it.")] = None,
    status_type: StatusType = None,
    status: Annotated[str | None, typer.Option("--status", metavar="STATUS", help="Those that are Banned, Active...")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="About so many at most; 0 is all.", min=0)] = 100,
    cursor: Annotated[
        int, typer.Option("--cursor", metavar="N", help="After those before: 'next' as JSON tells it.", min=0)
    ] = 0,
) -> None:
    """List rows with their statuses."""
    from gridmask.service.statuses import Filter

    wanted = Filter(vo, family, type_, name, site, status_type, Status.parse(status) if status else None)
    async with session.visit() as installation:
        found, following = await _up_to(installation.statuses, wanted, limit, cursor)
    session.out.show(lambda: told.rows(found, following), _listed(found))
    if following is not None and not session.out.as_json:
        session.out.note(f"There are more than these {len(found):,}: filter, or take --limit 0 for all.")


async def _up_to(statuses: Statuses, wanted: Filter, limit: int, cursor: int | None) -> tuple[list[SeenRow], int | None]:
    """Rows for which ``wanted`` holds, from after ``cursor``, and the cursor of what comes after them."""
    found: list[SeenRow] = []
    while cursor is not None and (not limit or len(found) < limit):
        page: Page = await statuses.page(wanted, cursor=cursor, limit=limit - len(found) if limit else 1000)
        found += page.rows
        cursor = page.cursor
    return found, cursor


def _listed(found: Sequence[SeenRow]) -> Table:
    held = any(one.row.token for one in found)
    columns = ("element", "aspect", "row of", "status", "since (UTC)", *(["held by"] if held else []))
    return table(columns, (_line(one, held=held) for one in found))


def _line(one: SeenRow, *, held: bool) -> tuple[RenderableType, ...]:
    row = one.row
    line = (str(row.key.element), row.key.status_type, row.key.vo, coloured(row.status), words.moment(row.standing.since))
    return (*line, row.token.owner if row.token else "") if held else line


@command(app, "set")
async def set_(
    session: Session,
    status: Annotated[str, typer.Argument(metavar="STATUS", help=", ".join(s.label for s in Status) + ".", show_default=False)],
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
    binding: Annotated[bool, typer.Option("--binding", help="With --vo all: it outranks every VO's own row.")] = False,
    seen: Seen = None,
    trying: Trying = False,
) -> None:
    """Set the status of rows, and take them out of automation's hands for a while."""
    wanted = Status.parse(status)
    rows = chosen(names, type_, family, status_type, vo, site, match)
    term = wanted_term(until, lasting, agreed, review)
    async with session.visit(trying=trying) as installation:
        outcome, keys = await installation.statuses.set(
            session.actor, rows, wanted, reason, wanted=term, binding=binding, seen=seen
        )
        now_are = await installation.statuses.rows(keys)
        untouched = [] if binding else await _untouched(installation.statuses, keys)
    session.out.show(lambda: told.changed(now_are, outcome), *done(now_are, outcome.revision, trying=trying))
    if untouched:
        session.out.note(f"Untouched, because they have a row of their own: {', '.join(untouched)}. --binding outranks these.")


async def _untouched(statuses: Statuses, keys: Sequence[RowKey]) -> list[str]:
    """The VOs that see rows of their own where those of ``all`` among ``keys`` are."""
    from gridmask.service.statuses import Filter

    general = {(key.element, key.status_type) for key in keys if key.vo == ALL}
    vos: set[str] = set()
    for family, type_, name in {element for element, _ in general}:
        page: Page = await statuses.page(Filter(family=family, type=type_, name=name), limit=1000)
        vos |= {seen.vo for seen in page.rows if (seen.row.key.element, seen.row.key.status_type) in general} - {ALL}
    return sorted(vos)


@command(app, "history")
async def history(
    session: Session,
    name: Name,
    type_: Type = None,
    family: Family = None,
    status_type: StatusType = None,
    vo: Vo = ALL,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many at most.", min=1)] = 50,
    before: Annotated[
        int | None,
        typer.Option(
            "--before", metavar="ID", min=0, max=2**63 - 1, help="Older than the entry with this id, as JSON tells it."
        ),
    ] = None,
) -> None:
    """List the changes of an element's rows, newest first. For a VO, those of 'all' are among them."""
    [called] = rows([name], type_, family, status_type, vo)
    async with session.visit() as installation:
        changes = await installation.statuses.history(called, before=before, limit=limit)
    columns = ("revision", "at (UTC)", "row", "change", "by", "why")
    lines = table(columns, map(_change, changes), right=("revision",))
    session.out.show(lambda: told.history(changes, limit), lines)


@command(app, "timeline")
async def timeline(
    session: Session,
    name: Name,
    type_: Type = None,
    family: Family = None,
    status_type: StatusType = None,
    vo: Vo = ALL,
    since: Annotated[
        datetime | None,
        typer.Option("--from", metavar=times.FORM, parser=times.day_or_moment, help="From when on; else for 7 days."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", metavar=times.FORM, parser=times.day_or_moment, help="Up to when; else now."),
    ] = None,
) -> None:
    """Show from when to when an element's rows were what, as a VO saw them, and why; the earliest first."""
    from gridmask.service.timelines import customary

    [called] = rows([name], type_, family, status_type, vo)
    async with session.visit() as installation:
        end = until or installation.clock()
        page = await installation.timelines.of(called, since or customary(end), end)
    columns = ("from (UTC)", "to (UTC)", "for", "aspect", "status", "row of", "held by", "by", "why")
    lines = [_stretch(one, stretch) for one in page.timelines for stretch in one.stretches]
    session.out.show(lambda: told.timelines(page), table(columns, lines) if lines else "Nothing is known of it from that time.")


def _stretch(line: Timeline, stretch: Stretch) -> tuple[RenderableType, ...]:
    when = words.moment(stretch.start), words.moment(stretch.end), words.span(stretch.end - stretch.start)
    if stretch.status is None:
        return (*when, line.status_type, str(stretch.absence), "-", "", "", "")
    why = "; ".join(reason.text for reason in stretch.reasons)
    row = f"{stretch.row}, binding" if stretch.binding else stretch.row
    return (*when, line.status_type, coloured(stretch.status), row, stretch.owner or "", stretch.actor, why)


@command(app, "review")
async def review(
    session: Session,
    vo: Annotated[str | None, typer.Option("--vo", metavar="VO", help="Those of this VO, and of 'all'.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that nothing is wrong with.")] = False,
) -> None:
    """List the bans that should be looked at: their evidence is gone, or their review is due."""
    async with session.visit() as installation:
        bans = await installation.reviews.bans(vo, every=every)
    columns = ("element", "row of", "status", "since (UTC)", "owner", "review (UTC)", "why look at it")
    listed = table(columns, map(_ban, bans)) if bans else f"No ban {'there is' if every else 'needs to be looked at'}."
    session.out.show(lambda: told.bans(bans), listed)


def _ban(ban: Ban) -> tuple[RenderableType, ...]:
    row, due = ban.row, words.moment(ban.review_at) if ban.review_at else "-"
    named = words.row(row.key)
    why = "; ".join(ban.doubts) or "-"
    return named, row.key.vo, coloured(row.status), words.moment(row.standing.since), ban.owner, due, why


def _custody(record: Record[Any]) -> str:
    """What became of who holds a row."""
    holder = f"held by {record.token_owner}" if record.token_owner else "not held"
    return f"{holder}, before by {record.token_from}" if record.token_from else holder


def _change(record: Record[Any]) -> tuple[RenderableType, ...]:
    old, new = ("-" if status is None else Status(status).label for status in (record.old, record.new))
    what = f"{old} > {new}" if old != new else f"{new}, {_custody(record)}"
    why = "; ".join(reason.text for reason in record.reasons)
    row = f"{record.status_type} of {record.vo}"
    # what was taken over is of before there was a revision
    return str(record.revision or "-"), words.moment(record.at), row, what, record.actor, why


@command(app, "why")
async def why(
    session: Session, name: Name, type_: Type = None, family: Family = None, status_type: StatusType = None, vo: Vo = ALL
) -> None:
    """Explain why an element's rows are what they are: the answer first, then what it rests on."""
    from gridmask.cli.explaining import explained

    [called] = rows([name], type_, family, status_type, vo)
    async with session.visit() as installation:
        explanations = await installation.statuses.why(called)
        now, damping = installation.clock(), installation.inspector.policies.damping
    session.out.show(lambda: told.explanations(explanations), *explained(explanations, now, damping))
