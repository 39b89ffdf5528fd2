"""``gridmask dirac list-status``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.cli.command import command
from gridmask.cli.dirac.drawing import table, tell
from gridmask.cli.dirac.options import Element, ElementType, Owner, SomeName, Status, StatusType, Vo, family, listed, statuses
from gridmask.cli.session import Session
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import typer

_COLUMNS = ("Name", "StatusType", "Status", "ElementType", "TokenOwner")


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "list-status")(list_status)


async def list_status(
    session: Session,
    element: Element,
    element_type: ElementType = None,
    name: SomeName = None,
    token_owner: Owner = None,
    status_type: StatusType = None,
    status: Status = None,
    vo: Vo = None,
) -> None:
    """List rows with their statuses: dirac-rss-list-status.

    A column that an option speaks of is not told again. Without --VO, every row that is kept is listed.
    """
    from gridmask.cli.dirac.desk import Desk

    of = family(element)
    given = dict(zip(_COLUMNS, (name, status_type, status, element_type, token_owner), strict=True))
    wanted = {column: statuses(text) if column == "Status" else listed(text) for column, text in given.items()}
    async with session.visit() as installation:
        desk = Desk(installation, session.actor)
        found = await desk.select(f"{of}Status", {**wanted, "VO": await desk.vo(vo)})
    columns = [column for column in _COLUMNS if given[column] is None]
    if vo is None and any(record["VO"] != ALL for record in found):
        columns.append("VO")  # nobody could tell them apart
    rows = [[record[column] for column in columns] for record in found]
    tell(session, lambda: {"columns": columns, "rows": rows}, _shown(of, {**given, "VO": vo}, columns, rows))


def _shown(of: str, given: Mapping[str, str | None], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    said = {"element": of, **{column: text for column, text in given.items() if text is not None}}
    selected = "".join(f"  {called.ljust(15)}: {text}\n" for called, text in said.items())
    end = "\n" if rows else ""
    return f"\nSelection parameters:\n{selected}\n{table(columns, rows)}{end}"
