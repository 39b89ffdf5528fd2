"""``gridmask availability``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gridmask.cli import times, words
from gridmask.cli.command import command
from gridmask.cli.naming import Family, StatusType
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from gridmask.bootstrap import Installation
    from gridmask.domain.availability import Line, Report, Tally
    from gridmask.service.availability import Sums
    from gridmask.service.timelines import Wanted

_FIGURES = ("availability", "reliability", "usable", "excused", "unexcused", "unknown", "absent")


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "availability")(availability)


async def availability(
    session: Session,
    vo: Annotated[str, typer.Argument(metavar="VO", help="The VO, by any of its names; or 'all'.", show_default=False)],
    since: Annotated[
        datetime,
        typer.Option("--from", metavar=times.FORM, parser=times.day_or_moment, help="From when on: a day of UTC, or a time."),
    ],
    until: Annotated[
        datetime | None,
        typer.Option("--to", metavar=times.FORM, parser=times.day_or_moment, help="Up to when, not including it; else now."),
    ] = None,
    by: Annotated[Literal["total", "month", "day"], typer.Option("--by", help="By which parts of the time, in UTC.")] = "total",
    per: Annotated[
        Literal["element", "status-type", "site"],
        typer.Option("--per", help="Of each element, each of its status types, or each site."),
    ] = "element",
    site: Annotated[str | None, typer.Option("--site", metavar="SITE", help="Of this site and what belongs to it.")] = None,
    type_: Annotated[str | None, typer.Option("--type", "-t", metavar="TYPE", help="Of elements of this type.")] = None,
    family: Family = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Of the elements called so.")] = None,
    status_type: StatusType = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, for spreadsheets.")] = False,
) -> None:
    """Report for how much of a period a VO could use elements.

    Availability is the time usable, of the time of which something is known; reliability leaves out, in addition, outages that
    had been announced before they began. Times are sums in hours; as CSV and JSON, in seconds.
    """
    from gridmask.domain.availability import By
    from gridmask.feeds import availability as feed
    from gridmask.service.availability import Per, Sums
    from gridmask.service.timelines import Wanted

    if as_csv and session.out.as_json:
        raise typer.BadParameter("--csv and --json exclude each other")
    asked = {"site": site, "type": type_, "family": family, "name": name}
    wanted = Wanted({column: value for column, value in asked.items() if value is not None}, status_type)
    sums = Sums(By(by), Per(per))
    async with session.visit() as installation:
        report = await _whole(installation, vo, (since, until or installation.clock()), wanted, sums)
    if as_csv or session.out.as_json:
        session.out.write(feed.encode_csv(report) if as_csv else _indented(feed.encode_json(report, by, per)))
    elif report.lines:
        session.out.show(lambda: None, _shown(report, sums))
    else:
        session.out.show(lambda: None, "The mask showed nothing of that in all that time.")
    if any(line.unsure for line in report.lines) and not session.out.as_json:
        session.out.note("Of what is marked ?, it is not kept when it was there: it may have been absent at other times.")


def _indented(body: bytes) -> bytes:
    import msgspec

    return msgspec.json.format(body, indent=2) + b"\n"


async def _whole(installation: Installation, vo: str, period: tuple[datetime, datetime], wanted: Wanted, sums: Sums) -> Report:
    """The report, page by page, in the order of sites and names."""
    from dataclasses import replace

    lines: list[Line] = []
    cursor: int | None = 0
    while True:
        report = await installation.availability.report(vo, *period, wanted, sums, cursor=cursor or 0)
        lines += report.lines
        if report.cursor is None:
            break
        # all parts of it end at the same moment, though time goes on
        cursor, period = report.cursor, (report.bounds[0], report.bounds[-1])
    ordered = sorted(lines, key=lambda line: (line.site, line.element or (), line.status_type or ""))
    return replace(report, lines=tuple(ordered))


def _shown(report: Report, sums: Sums) -> Table:
    from gridmask.domain.availability import By
    from gridmask.service.availability import Per

    what = {Per.SITE: ("site",), Per.ELEMENT: ("site", "element"), Per.STATUS_TYPE: ("site", "element", "aspect")}[sums.per]
    when = () if sums.by is By.TOTAL else (sums.by.value,)
    form = "%Y-%m-%d" if sums.by is By.DAY else "%Y-%m"
    rows = (
        (*_thing(line)[: len(what)], *([f"{start:{form}}"] if when else []), *_figures(tally))
        for line in report.lines
        for start, tally in zip(report.bounds, line.tallies, strict=False)
    )
    return table((*what, *when, *_FIGURES), rows, right=_FIGURES)


def _thing(line: Line) -> tuple[str, str, str]:
    mark = " ?" if line.unsure else ""
    return (line.site or "-") + (mark if line.element is None else ""), f"{line.element}{mark}", line.status_type or ""


def _figures(tally: Tally) -> Iterator[str]:
    for share in (tally.availability, tally.reliability):
        yield "-" if share is None else words.percent(share)
    for span in (tally.usable, tally.excused, tally.unexcused, tally.unknown, tally.absent):
        yield f"{span / timedelta(hours=1):,.1f} h" if span else "-"
