"""Tables as DIRAC's scripts draw them, for whatever takes their output apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gridmask.cli.session import Session

JOINT = " | "
NOTHING = "No output"
"""What stands in place of a table without rows."""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """``rows`` below the names of their ``columns``; numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return f"{NOTHING}\n"
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    rule = "=" * (sum(widths) + len(JOINT) * len(widths))
    head, *lines = (_line(row, widths) for row in (list(columns), *cells))
    return "".join(f"{line}\n" for line in (head, rule, *lines))


def tell(session: Session, told: Callable[[], object], text: str) -> None:
    """Print ``text`` as it stands, or what is ``told``, where JSON is wanted."""
    if session.out.as_json:
        session.out.show(told)
    else:
        session.out.write(text.encode())


def tell_records(session: Session, columns: Sequence[str], found: Iterable[Mapping[str, Any]]) -> None:
    """Print what a query found, and how much that is."""
    # DIRAC's services tell the columns that they are asked for by their names in lower case
    told = [column.lower() for column in columns]
    rows = [[record[column] for column in columns] for record in found]
    drawn = f"{table(told, rows)}\n" if rows else ""
    tell(session, lambda: {"columns": told, "rows": rows}, f"{drawn}{_matches('select', len(rows))}")


def tell_matches(session: Session, query: str, matches: int) -> None:
    """Print of how many records a query was."""
    tell(session, lambda: {"matches": matches}, _matches(query, matches))


def _matches(query: str, matches: int) -> str:
    return f"\n{query}, matches: {matches}\n\n"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    # what breaks a line would break the table
    return "" if value is None else " ".join(str(value).split())


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    placed = (cell.rjust(width) if _is_number(cell) else cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "".join(f"{cell}{JOINT}" for cell in placed).rstrip()


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").lstrip("-").isdecimal()
