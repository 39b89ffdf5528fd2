"""``gridmask dirac query-db``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli.command import command
from gridmask.cli.dirac.drawing import tell_matches, tell_records
from gridmask.cli.dirac.options import SomeName, StatusType, family, listed, moment, statuses
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.cli.dirac.desk import Desk, Said

_COLUMNS = (
    *("Name", "StatusType", "Status", "ElementType", "Reason"),
    *("DateEffective", "LastCheckTime", "TokenOwner", "TokenExpiration", "VO"),
)
QUERIES, PARTS = ("select", "add", "modify", "delete"), ("Status", "Log", "History")


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "query-db")(query_db)


async def query_db(
    session: Session,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="select, add, modify or delete.", show_default=False)],
    element: Annotated[str, typer.Argument(metavar="FAMILY", help="Site, Resource or Node.", show_default=False)],
    part: Annotated[str, typer.Argument(metavar="TABLE", help="Status, Log or History.", show_default=False)],
    name: SomeName = None,
    status_type: StatusType = None,
    status: Annotated[str | None, typer.Option("--status", metavar="STATUS", help="What rows are, or are to become.")] = None,
    element_type: Annotated[
        str | None, typer.Option("--elementType", metavar="TYPE", help="What the elements are; else anything.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="What reasons have in them, or are to become.")
    ] = None,
    last_check_time: Annotated[
        str | None, typer.Option("--lastCheckTime", metavar="TIME", help="Rows that were last changed then.")
    ] = None,
    token_owner: Annotated[
        str | None, typer.Option("--tokenOwner", metavar="NAME", help="Rows that this one holds, to select or delete.")
    ] = None,
    vo: Annotated[
        str | None, typer.Option("--VO", metavar="VO", help="For this VO; else for everyone, rows of 'all' and those of VOs.")
    ] = None,
) -> None:
    """Look at what DIRAC's tables of statuses would hold, and change it: dirac-rss-query-db.

    Logs and histories follow from what is done with rows: nobody can write them, and what is deleted there is hidden.
    """
    from gridmask.cli.dirac.desk import Desk

    deed = _one_of(query.lower(), QUERIES, "QUERY")
    called = f"{family(element)}{_one_of(part.capitalize(), PARTS, 'TABLE')}"
    where = {
        "Name": listed(name),
        "StatusType": listed(status_type),
        "Status": statuses(status),
        "ElementType": listed(element_type),
        "LastCheckTime": moment(last_check_time),
        "TokenOwner": listed(token_owner),
    }
    async with session.visit() as installation:
        desk = Desk(installation, session.actor, declares=deed == "add")
        said = {**where, "VO": await desk.vo(vo)}
        if deed == "select":
            found = [one for one in await desk.select(called, said) if reason is None or reason in one["Reason"]]
            tell_records(session, _COLUMNS, found)
            return
        matches = await (_delete if deed == "delete" else _write)(desk, called, said, reason)
    tell_matches(session, deed, matches)


async def _delete(desk: Desk, called: str, said: Said, reason: str | None) -> int:
    return await desk.delete(called, {**said, "Reason": reason})


async def _write(desk: Desk, called: str, said: Said, reason: str | None) -> int:
    """Set rows, or take them as they are where no status is given. Returns how many are meant."""
    _require_writable(said)
    change = {"TokenOwner": desk.actor.name, "Reason": reason}
    types = said["ElementType"]
    await desk.modify(called, {**said, "Status": _only(said["Status"]), "ElementType": _only(types), **change})
    meant = {key: said[key] for key in ("Name", "StatusType", "ElementType", "VO")}
    return len(await desk.select(called, meant))


def _require_writable(said: Mapping[str, Any]) -> None:
    if said["Name"] is None:
        raise typer.BadParameter("is needed to add or modify", param_hint="'--name'")
    for column, option in (("TokenOwner", "--tokenOwner"), ("LastCheckTime", "--lastCheckTime")):
        if said[column] is not None:
            raise typer.BadParameter("is for select and delete", param_hint=f"'{option}'")


def _only(values: list[str] | None) -> str | None:
    if values is None:
        return None
    if len(values) > 1:
        raise typer.BadParameter(f"rows can become one thing only; {', '.join(values)} are {len(values)}")
    return values[0]


def _one_of(text: str, known: tuple[str, ...], hint: str) -> str:
    if text not in known:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(known)}", param_hint=f"'{hint}'")
    return text
