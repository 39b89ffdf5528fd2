"""What DIRAC's scripts tell of the rows that they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.cli.dirac.desk import Desk, Said


async def rows(desk: Desk, table: str, names: list[str] | None, aspects: list[str] | None, vo: str | None) -> list[Said]:
    """The rows that are meant: as ``vo`` gets them, else every one that is kept."""
    return await desk.select(table, {"Name": names, "StatusType": aspects, "VO": vo})


def lines(records: Iterable[Said]) -> str:
    """What rows are now, a line each."""
    return "".join(f"{_line(record)}\n" for record in records)


def _line(record: Said) -> str:
    until = record["TokenExpiration"].isoformat(" ", "seconds")
    of = f"{record['Name']} ({record['StatusType']}) of {record['VO']}"
    return f"{of}: {record['Status']}, {record['TokenOwner']} until {until}"
