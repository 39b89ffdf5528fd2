"""``gridmask downtime``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gridmask.cli import times, told, words
from gridmask.cli.command import command
from gridmask.cli.naming import Type, elements
from gridmask.cli.output import stacked, table
from gridmask.cli.session import Session
from gridmask.domain.naming import handle
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gridmask.domain.downtime import Downtime
    from gridmask.store.downtimes import Version

app = typer.Typer()

_SHOWN = 3
"""How many elements of a downtime a line names before it only counts."""


@command(app, "list")
async def list_(
    session: Session,
    when: Annotated[
        Literal["ongoing", "future", "pending", "past", "all"],
        typer.Option("--when", help="Which, seen from now; pending is what is ongoing or to come."),
    ] = "pending",
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Of this source; 'manual' is what people declared here.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="About elements called so.")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="With those that were edited or withdrawn since.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many at most.", min=1, max=1000)] = 1000,
    ical: Annotated[bool, typer.Option("--ical", help="As a calendar, byte by byte as the server has it.")] = False,
    vo: Annotated[str | None, typer.Option("--vo", metavar="VO", help="With --ical: whose; 'all' if not told.")] = None,
    site: Annotated[str | None, typer.Option("--site", metavar="SITE", help="With --ical: at this site alone.")] = None,
) -> None:
    """List downtimes, in the order in which they became known; or those that concern a VO, as a calendar."""
    from gridmask.service.downtimes import When

    if ical and ((when, source, name, versions, limit) != ("pending", None, None, False, 1000) or session.out.as_json):
        raise typer.BadParameter("--ical goes with --vo and --site alone")
    if not ical and (vo, site) != (None, None):
        raise typer.BadParameter("--vo and --site go with --ical")
    async with session.visit() as installation:
        if ical:
            session.out.write((await installation.calendars.serve(vo or ALL, site)).body)
            return
        found = await installation.downtimes.list(When(when), source=source, name=name, versions=versions, limit=limit)
    columns = ("id", "elements", "severity", "when (UTC)", "description", *(["known (UTC)"] if versions else []))
    lines = table(columns, (_line(one, versions=versions) for one in found))
    session.out.show(lambda: told.versions(found, limit), lines)


def _line(version: Version, *, versions: bool) -> tuple[RenderableType, ...]:
    one = version.downtime
    name = stacked(one.key.record, f"of {one.key.source}")
    when = stacked(words.moment(one.interval.start), f"to {words.moment(one.interval.end, 'open')}")
    line = (name, stacked(*_targets(one), joint=", "), one.severity, when, one.description)
    if not versions:
        return line
    ended = (f"to {words.moment(version.known_to)}", f"({version.ended_by})") if version.known_to else ()
    return (*line, stacked(words.moment(version.known_from), *ended))


def _targets(downtime: Downtime) -> list[str]:
    """What ``downtime`` names; of much, some and how much more."""
    names = sorted({handle(target) for target in downtime.targets})
    return [*names[:_SHOWN], *([f"and {len(names) - _SHOWN:,} more"] if len(names) > _SHOWN else [])]


@command(app, "add")
async def add(
    session: Session,
    description: Annotated[
        str, typer.Option("--description", "-d", metavar="TEXT", help="What is going on, for people.", show_default=False)
    ],
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="The elements, by name.")] = None,
    sites: Annotated[
        list[str] | None, typer.Option("--site", metavar="SITE", help="A site with all that belongs to it; can be repeated.")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--start", metavar=times.FORM, parser=times.moment, help="When it begins; else now.")
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--end", metavar=times.FORM, parser=times.moment, help="When it ends; else it has no announced end."),
    ] = None,
    severity: Annotated[str, typer.Option("--severity", metavar="SEVERITY", help="OUTAGE or WARNING.")] = "OUTAGE",
    type_: Type = None,
    vo: Annotated[str, typer.Option("--vo", metavar="VO", help="For this VO alone; 'all' is everyone.")] = ALL,
) -> None:
    """Declare a downtime, which no feed can take away. TIME is 2026-08-21T17:00Z, or +2h from now."""
    from gridmask.service.downtimes import Declaration

    async with session.visit() as installation:
        begins = start or installation.clock()
        declared = Declaration(elements(names or (), type_), begins, end, severity, description, vo, tuple(sites or ()))
        outcome, downtime = await installation.downtimes.add(session.actor, declared)
    interval = f"from {words.utc(begins)} {f'until {words.utc(end)}' if end else 'without an announced end'}"
    session.out.show(
        lambda: told.downtime(downtime, outcome.revision),
        f"Declared downtime {downtime.key.record} {interval}: {', '.join(_targets(downtime))}.",
        f"To cancel it: gridmask downtime cancel {downtime.key.record} --reason TEXT",
    )


@command(app, "cancel")
async def cancel(
    session: Session,
    record: Annotated[str, typer.Argument(metavar="ID", help="The downtime, as declared here.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="Why.", show_default=False)],
) -> None:
    """Cancel a downtime that was declared here."""
    async with session.visit() as installation:
        outcome, downtime = await installation.downtimes.cancel(session.actor, record, reason)
    session.out.show(
        lambda: told.downtime(downtime, outcome.revision), f"Cancelled downtime {record}: {', '.join(_targets(downtime))}."
    )
