"""What rows are, as SQL that writes it into DIRAC's own tables. Nothing here runs it: a person looks at it, and does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gridmask.dirac_db.tables import Part, Table
from gridmask.dirac_db.translate import AUTOMATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gridmask.domain.status import Status

_LONGEST_REASON = 512
_NEVER = "9999-12-31 23:59:59"
"""How DIRAC writes that a token does not end by itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as DIRAC is to have it.

    Attributes:
        table: which of the tables of the present.
        name, status_type, vo, element_type: as DIRAC spells them.
        status, reason, since: what it is.
        owner: the person whose it is; None: automation's.
        until: when that ends; None: when it is released.
        is_new: whether DIRAC has no such row yet.
    """

    table: Table
    name: str
    status_type: str
    vo: str
    element_type: str
    status: Status
    reason: str
    since: datetime
    owner: str | None = None
    until: datetime | None = None
    is_new: bool = False

    def columns(self, now: datetime) -> dict[str, str]:
        """Column by column, what DIRAC is to have, in its own words."""
        found = {"Name": self.name, "StatusType": self.status_type, "VO": self.vo, "ElementType": self.element_type}
        found |= {"Status": self.status.label, "Reason": self.reason[:_LONGEST_REASON], "DateEffective": naive(self.since)}
        found |= {"LastCheckTime": naive(now), "TokenOwner": cut(self.owner, self.table)}
        found["TokenExpiration"] = naive(self.until) if self.owner and self.until else _NEVER
        return found if self.table.has_vo else {name: value for name, value in found.items() if name != "VO"}


def cut(owner: str | None, table: Table) -> str:
    """The name of an owner as far as ``table`` can keep it."""
    return AUTOMATION if owner is None else owner[: table.owner_length]


def naive(moment: datetime) -> str:
    """A time as DIRAC keeps it: in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def script(entries: Iterable[Entry], now: datetime) -> Iterator[str]:
    """The statements, a line each, that write ``entries`` and a record of each into the log; all of them, or none."""
    yield "SET NAMES utf8mb4;"
    yield "START TRANSACTION;"
    for entry in entries:
        columns = entry.columns(now)
        yield _insert(entry.table, columns) if entry.is_new else _update(entry.table, columns)
        yield _insert(Table(entry.table.family, Part.LOG), columns)
    yield "COMMIT;"


def _update(table: Table, columns: Mapping[str, str]) -> str:
    identity = [name for name in ("Name", "StatusType", "VO") if name in columns]
    told = ", ".join(f"{name} = {quoted(value)}" for name, value in columns.items() if name not in {*identity, "ElementType"})
    which = " AND ".join(f"{name} = {quoted(columns[name])}" for name in identity)
    return f"UPDATE {table.name} SET {told} WHERE {which};"  # noqa: S608 - quoted() does what a driver would


def _insert(table: Table, columns: Mapping[str, str]) -> str:
    values = ", ".join(map(quoted, columns.values()))
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({values});"  # noqa: S608 - likewise


def quoted(text: str) -> str:
    r"""``text`` as a string of MariaDB's and MySQL's.

    What breaks a line, or what a ``utf8`` column cannot hold, becomes a blank or a question mark. A backslash is doubled: a
    server that takes it for an ordinary letter keeps both, and no more than the text suffers.
    """
    plain = "".join(" " if not one.isprintable() else one if ord(one) < 0x10000 else "?" for one in text)
    escaped = plain.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
