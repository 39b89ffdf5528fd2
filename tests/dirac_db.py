"""Databases as DIRAC has them, made from what is known of its tables, and filled with what a test says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import column as sql_column
from sqlalchemy import insert, table, text
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

FOREVER = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - DIRAC's times are naive
NEVER = datetime(1000, 1, 1)  # noqa: DTZ001 - likewise
START = datetime(2026, 1, 1)  # noqa: DTZ001 - likewise

_COLUMNS = """
  Name VARCHAR(64) NOT NULL,
  StatusType VARCHAR(128) NOT NULL DEFAULT 'all',
  {vo}
  Status VARCHAR(8) NOT NULL DEFAULT '',
  Reason VARCHAR(512) NOT NULL DEFAULT 'Unspecified',
  DateEffective DATETIME NOT NULL,
  TokenExpiration DATETIME NOT NULL DEFAULT '9999-12-31 23:59:59',
  ElementType VARCHAR(32) NOT NULL DEFAULT '',
  LastCheckTime DATETIME NOT NULL DEFAULT '1000-01-01 00:00:00',
  TokenOwner VARCHAR(16) NOT NULL DEFAULT 'rs_svc'
"""
_VO = "VO VARCHAR(64) NOT NULL DEFAULT 'all',"

MANAGEMENT = (
    """CREATE TABLE DowntimeCache (
      DowntimeID VARCHAR(127) NOT NULL PRIMARY KEY, Name VARCHAR(64) NOT NULL, Element VARCHAR(32) NOT NULL,
      GOCDBServiceType VARCHAR(32), Severity VARCHAR(32) NOT NULL, Description VARCHAR(512) NOT NULL, Link VARCHAR(255),
      StartDate DATETIME NOT NULL, EndDate DATETIME NOT NULL, DateEffective DATETIME NOT NULL, LastCheckTime DATETIME NOT NULL
    )""",
    """CREATE TABLE SpaceTokenOccupancyCache (
      {endpoint} Token VARCHAR(64) NOT NULL, Guaranteed FLOAT NOT NULL DEFAULT 0, Free FLOAT NOT NULL DEFAULT 0,
      Total FLOAT NOT NULL DEFAULT 0, LastCheckTime DATETIME NOT NULL
    )""",
    """CREATE TABLE PolicyResult (
      PolicyName VARCHAR(64) NOT NULL, StatusType VARCHAR(16) NOT NULL DEFAULT '', Element VARCHAR(32) NOT NULL,
      Name VARCHAR(64) NOT NULL, VO VARCHAR(64) NOT NULL DEFAULT 'all', Status VARCHAR(16) NOT NULL,
      Reason VARCHAR(512) NOT NULL DEFAULT 'Unspecified', DateEffective DATETIME NOT NULL, LastCheckTime DATETIME NOT NULL,
      PRIMARY KEY (PolicyName, StatusType, Element, Name, VO)
    )""",
)


def layout(*, families: Iterable[str], vo: bool, file: bool = False) -> list[str]:
    """The statements that make a ResourceStatusDB; ``file``: in SQLite's words."""
    number = "INTEGER PRIMARY KEY" if file else "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY"
    columns = _COLUMNS.format(vo=_VO if vo else "")
    key = f"PRIMARY KEY (Name, StatusType{', VO' if vo else ''})"
    made = []
    for family in families:
        made.append(f"CREATE TABLE {family}Status ({columns}, {key})")
        made += [f"CREATE TABLE {family}{part} (ID {number}, {columns})" for part in ("Log", "History")]
    return made


@dataclass
class DiracDb:
    """A database of DIRAC's at ``url``."""

    url: str

    async def run(self, *statements: str) -> None:
        """Runs SQL."""
        async with self._connected() as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def add(self, name: str, *rows: Mapping[str, Any]) -> None:
        """Adds rows, all with the same columns."""
        columns: list[Any] = [sql_column(one) for one in rows[0]]
        async with self._connected() as connection:
            into = insert(table(name, *columns))
            for start in range(0, len(rows), 5000):
                await connection.execute(into, list(rows[start : start + 5000]))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        engine = create_async_engine(self.url)
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            await engine.dispose()


def row(name: str, status: str, minutes: float = 0, **columns: object) -> dict[str, object]:
    """A row or record of the time ``minutes`` after the first."""
    at = START + timedelta(minutes=minutes)
    said: dict[str, object] = {
        "Name": name,
        "StatusType": "all",
        "Status": status,
        "Reason": f"{status or 'blank'} said",
        "DateEffective": at,
    }
    said |= {"TokenExpiration": FOREVER, "ElementType": "ComputingElement", "LastCheckTime": at, "TokenOwner": "rs_svc"}
    return {**said, **columns}
