"""DIRAC's tables, as far as clients see them: the columns in their order, and what each holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.dirac_rpc.protocol import NoSuchTable
from gridmask.domain.element import NODE, RESOURCE, SITE
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.spelling import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

FOREVER = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - as DIRAC writes it
"""The moment that stands for none."""

AUTOMATION = "rs_svc"
"""Whose a row is that nobody has taken from automation."""


class Part(StrEnum):
    """What a table of a family holds: what is, and what was."""

    STATUS = "Status"
    LOG = "Log"
    HISTORY = "History"


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    MOMENT = "moment"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        name: what it is called.
        columns: in the order of a whole row.
        key: the columns that tell its rows apart.
        others: the columns that hold moments or numbers; all others hold text.
        caseless: those of text that are compared without regard to case: names of hosts.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    others: Mapping[str, Kind] = field(default_factory=dict)
    caseless: frozenset[str] = frozenset()

    def column(self, called: str) -> str:
        """The column called ``called``, in whatever case.

        Raises:
            InvalidRequest: there is none.
        """
        found = {column.casefold(): column for column in self.columns}.get(called.casefold())
        if found is None:
            near = suggest(called, self.columns)
            hint = f"Did you mean {near!r}?" if near else f"There are {', '.join(self.columns)}."
            raise InvalidRequest(f"{self.name} has no column {called[:40]!r}. {hint}")
        return found

    def kind(self, column: str) -> Kind:
        """What ``column`` holds."""
        return self.others.get(column, Kind.TEXT)


STATUS_COLUMNS = (
    *("Name", "StatusType", "Status", "Reason", "DateEffective"),
    *("TokenExpiration", "ElementType", "LastCheckTime", "TokenOwner", "VO"),
)
_MOMENTS = dict.fromkeys(("DateEffective", "TokenExpiration", "LastCheckTime", "StartDate", "EndDate", "Time"), Kind.MOMENT)
_NUMBERS = dict.fromkeys(
    (
        *("ID", "OpenTickets", "Efficiency", "PilotJobEff", "PilotsPerJob"),
        *("Guaranteed", "Free", "Total", "Value"),
    ),
    Kind.NUMBER,
)


def _table(name: str, columns: Iterable[str], *key: str, caseless: frozenset[str] = frozenset()) -> Table:
    all_of_them = tuple(columns)
    others = {column: kind for column, kind in {**_MOMENTS, **_NUMBERS}.items() if column in all_of_them}
    return Table(name, all_of_them, key, others, caseless)


FAMILIES = (SITE, RESOURCE, NODE)

STATUSES: Mapping[str, tuple[str, Part, Table]] = {
    f"{family}{part}": (
        family,
        part,
        _table(f"{family}Status", STATUS_COLUMNS, "Name", "StatusType", "VO")
        if part is Part.STATUS
        else _table(f"{family}{part}", ("ID", *STATUS_COLUMNS), "ID"),
    )
    for family in FAMILIES
    for part in Part
}
"""The tables of ResourceStatusDB by name, each with its family and part. Those of nodes are for clients of DIRAC 8."""

MAIL_QUEUE = _table(
    "ResourceStatusCache", ("ID", "SiteName", "ResourceName", "Status", "PreviousStatus", "StatusType", "Time"), "ID"
)
"""What DIRAC's e-mail action leaves for its e-mail agent, in the same database."""

_DOWNTIMES = _table(
    "DowntimeCache",
    (
        *("DowntimeID", "Name", "Element", "GOCDBServiceType", "Severity", "Description", "Link"),
        *("StartDate", "EndDate", "DateEffective", "LastCheckTime"),
    ),
    "DowntimeID",
    caseless=frozenset({"Name", "GOCDBServiceType"}),
)

CACHES: Mapping[str, Table] = {
    table.name: table
    for table in (
        _table(
            "AccountingCache",
            ("Name", "PlotType", "PlotName", "Result", "DateEffective", "LastCheckTime"),
            *("Name", "PlotType", "PlotName"),
        ),
        _DOWNTIMES,
        _table("GGUSTicketsCache", ("GocSite", "Tickets", "OpenTickets", "Link", "LastCheckTime"), "GocSite"),
        _table("JobCache", ("Site", "Status", "Efficiency", "MaskStatus", "LastCheckTime"), "Site"),
        _table(
            "PilotCache",
            ("Site", "CE", "Status", "PilotJobEff", "PilotsPerJob", "LastCheckTime", "VO"),
            *("Site", "CE", "VO"),
        ),
        _table(
            "PolicyResult",
            (
                *("PolicyName", "StatusType", "Element", "Name", "Status", "Reason"),
                *("DateEffective", "LastCheckTime", "VO"),
            ),
            *("PolicyName", "StatusType", "Element", "Name", "VO"),
        ),
        _table(
            "SpaceTokenOccupancyCache",
            ("Endpoint", "Token", "Guaranteed", "Free", "Total", "LastCheckTime"),
            *("Endpoint", "Token"),
        ),
        _table(
            "TransferCache",
            ("SourceName", "DestinationName", "Metric", "Value", "LastCheckTime"),
            *("SourceName", "DestinationName", "Metric"),
        ),
    )
}
"""The tables of ResourceManagementDB by name. AccountingCache is for clients of DIRAC 8."""


def status_table(name: object) -> tuple[str, Part, Table]:
    """The table of statuses called ``name``, with its family and part.

    Raises:
        NoSuchTable: there is none.
    """
    return STATUSES[_known(name, STATUSES)]


def cache(name: object) -> Table:
    """The cache called ``name``.

    Raises:
        NoSuchTable: there is none.
    """
    return CACHES[_known(name, CACHES)]


def _known(name: object, tables: Mapping[str, object]) -> str:
    if isinstance(name, str) and name in tables:
        return name
    near = suggest(str(name)[:64], tables)
    raise NoSuchTable(f"There is no table {str(name)[:64]!r}. {f'Did you mean {near!r}?' if near else ''}".rstrip())
