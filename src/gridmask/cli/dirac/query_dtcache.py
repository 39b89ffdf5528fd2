"""``gridmask dirac query-dtcache``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.dirac.drawing import tell_matches, tell_records
from gridmask.cli.dirac.options import listed, moment
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gridmask.cli.dirac.desk import Said

_COLUMNS = ("DowntimeID", "Element", "Name", "StartDate", "EndDate", "Severity", "Description", "Link", "DateEffective")
QUERIES = ("select", "add", "delete")
FAMILIES = {"site": "Site", "resource": "Resource", "service": "Resource"}
"""What may be down, by what DIRAC's scripts call it."""

SEVERITIES = {"outage": "OUTAGE", "warning": "WARNING"}
"""DIRAC's severities, in whatever case; others are as registries write them."""


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "query-dtcache")(query_dtcache)


async def query_dtcache(
    session: Session,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="select, add or delete.", show_default=False)],
    downtime_id: Annotated[
        str | None, typer.Option("--downtimeID", metavar="ID", help="The downtime; needed to add or delete one.")
    ] = None,
    element: Annotated[
        str | None, typer.Option("--element", metavar="FAMILY", help="What is down: Site, or Resource, also called Service.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The site, or the host.")] = None,
    start_date: Annotated[
        str | None, typer.Option("--startDate", metavar="TIME", help="When it begins; those that begin then or later.")
    ] = None,
    end_date: Annotated[
        str | None, typer.Option("--endDate", metavar="TIME", help="When it ends; those that end then or before.")
    ] = None,
    severity: Annotated[str | None, typer.Option("--severity", metavar="SEVERITY", help="Outage or Warning.")] = None,
    description: Annotated[
        str | None,
        typer.Option("--description", metavar="TEXT", help="What is the matter; those with it in their description."),
    ] = None,
    link: Annotated[str | None, typer.Option("--link", metavar="URL", help="Where more is told of it.")] = None,
    ongoing: Annotated[bool, typer.Option("--ongoing", help="Only those that go on now; only to select.")] = False,
) -> None:
    """Look at downtimes, and take in and withdraw one's own: dirac-rss-query-dtcache.

    Those of sources are selected as well, and nobody can delete these. Times are in UTC.
    """
    from gridmask.cli.dirac.desk import Desk

    deed = query.lower()
    _require_sensible(deed, downtime_id, ongoing=ongoing)
    about = {
        "DowntimeID": downtime_id,
        "Element": _family(element),
        "Name": name,
        "Severity": SEVERITIES.get((severity or "").lower(), severity),
    }
    start, end = moment(start_date), moment(end_date)
    details = {"StartDate": start, "EndDate": end, "Description": description, "Link": link}
    async with session.visit() as installation:
        desk = Desk(installation, session.actor)
        if deed == "select":
            listed_names = {**about, "Name": listed(name), "DowntimeID": listed(downtime_id)}
            found = await desk.downtimes({**listed_names, "Link": link})
            now = desk.now() if ongoing else None
            tell_records(session, _COLUMNS, [one for one in found if _is_meant(one, details, now)])
            return
        if deed == "delete":
            matches = await desk.delete_downtimes({**about, **details})
        else:
            await desk.put_downtime({**about, **details})
            matches = len(await desk.downtimes({"DowntimeID": downtime_id}))
    tell_matches(session, deed, matches)


def _require_sensible(deed: str, downtime: str | None, *, ongoing: bool) -> None:
    if deed not in QUERIES:
        raise typer.BadParameter(f"{deed!r} is none of {', '.join(QUERIES)}", param_hint="'QUERY'")
    if deed != "select" and not downtime:
        raise typer.BadParameter(f"is needed to {deed} a downtime", param_hint="'--downtimeID'")
    if deed != "select" and ongoing:
        raise typer.BadParameter("is for select", param_hint="'--ongoing'")


def _family(element: str | None) -> str | None:
    if element is None:
        return None
    found = FAMILIES.get(element.strip().lower())
    if found is None:
        raise typer.BadParameter(f"{element!r} is neither Site, nor Resource or Service", param_hint="'--element'")
    return found


def _is_meant(record: Said, details: Mapping[str, Any], now: datetime | None) -> bool:
    """Whether a downtime is one of those that are asked for; ``now``: of those that go on then, whenever they begin and end."""
    text = details["Description"]
    if text is not None and text not in record["Description"]:
        return False
    if now is not None:
        return bool(record["StartDate"] <= now <= record["EndDate"])
    start, end = details["StartDate"], details["EndDate"]
    return (start is None or record["StartDate"] >= start) and (end is None or record["EndDate"] <= end)
