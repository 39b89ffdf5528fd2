"""Our rows and their changes, as DIRAC's tables have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.encoding import naive
from gridmask.dirac_rpc.tables import AUTOMATION, FOREVER, STATUS_COLUMNS
from gridmask.domain.element import ElementKey
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.row import seen_by
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.service.dirac_writes import INSERTED
from gridmask.store.dirac_views.words import JOINT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row as Change

    from gridmask.dirac_rpc.selection import Record
    from gridmask.domain.decision import Reason
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row, Rows
    from gridmask.store.dirac_views.names import Names

TAKEN_OVER = 0
"""The revision of what happened before there were any here."""

REPLICATED = frozenset({"Name", "StatusType", "Status", "DateEffective", "ElementType", "VO"})
"""The columns of a status that can be told without asking the database."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rows are asked for.

    Attributes:
        vos: for which VOs; None: every row as it is kept.
        caller: who gets what they themselves would get (promise V1) where they ask for the rows of all.
    """

    vos: tuple[str, ...] | None
    caller: str = ALL

    @property
    def readers(self) -> tuple[str, ...] | None:
        """The VOs as which rows are read; None: as all of them."""
        return None if self.vos is None else tuple(self.caller if vo == ALL else vo for vo in self.vos)

    def of(self, element: Element, rows: Rows) -> Iterator[tuple[str, Row]]:
        """The rows of ``element`` that are asked for, in no order, each with the VO that it is told as."""
        if self.vos is None:
            return ((row.key.vo, row) for row in rows.values())
        told: dict[tuple[str, str], Row] = {}
        status_types = {status_type for status_type, _ in rows}
        for vo in self.vos:
            reader = self.caller if vo == ALL else vo
            if not element.is_offered_to(reader):
                continue
            for status_type in status_types:
                row = seen_by(reader, status_type, rows)
                if row is not None:
                    told.setdefault((status_type, ALL if vo == ALL else row.key.vo), row)
        return ((label, row) for (_, label), row in told.items())


@dataclass(frozen=True, slots=True)
class Telling:
    """How records of ``*Status`` are told.

    Attributes:
        whose: whose rows.
        now: when.
        names: what elements are called.
        needed: the columns that somebody looks at. The others may be left out, unless they tell rows apart.
    """

    whose: Whose
    now: datetime
    names: Names
    needed: frozenset[str] = frozenset(STATUS_COLUMNS)


def status_records(elements: Iterable[tuple[Element, Rows]], telling: Telling, times: Mapping[Any, datetime]) -> list[Record]:
    """The records of ``*Status`` about ``elements``. ``times``: when rows last changed, where that is known."""
    whose, now, names, needed = telling.whose, telling.now, telling.names, telling.needed
    reason, since, until = "Reason" in needed, "DateEffective" in needed, "TokenExpiration" in needed
    last, owner = "LastCheckTime" in needed, "TokenOwner" in needed
    found = [
        (
            names.of(row.key.element),
            row.key.status_type,
            row.status.label,
            joined(row.reasons) if reason else None,
            naive(row.standing.since) if since else None,
            _expires(row, now) if until else None,
            row.key.element.type,
            naive(times.get(row.key, row.standing.since)) if last else None,
            _owner(row, now) if owner else None,
            label,
        )
        for element, rows in elements
        for label, row in whose.of(element, rows)
    ]
    found.sort(key=_IDENTITY)
    return found


_IDENTITY = itemgetter(*(STATUS_COLUMNS.index(column) for column in ("Name", "StatusType", "VO")))


def joined(reasons: Iterable[Reason]) -> str:
    """Reasons as one text."""
    return JOINT.join(reason.text for reason in reasons)


def _expires(row: Row, now: datetime) -> datetime:
    ends = row.token.expires_at if row.token is not None and row.held(now) else None
    return FOREVER if ends is None else naive(ends)


def _owner(row: Row, now: datetime) -> str:
    return row.token.owner if row.token is not None and row.held(now) else AUTOMATION


def log_records(changes: Iterable[Change[Any]], names: Names) -> list[Record]:
    """The records of ``*Log``: what was done to rows that there were, and not how they began.

    A row that began by what a person did with it is told.
    """
    told = (one for one in changes if one.action != INSERTED and (one.kind != ChangeKind.OPENED or _told_begin(one)))
    return [_change(one, names) for one in told]


def _told_begin(change: Change[Any]) -> bool:
    return change.token_owner is not None or change.revision == TAKEN_OVER


def history_records(changes: Iterable[Change[Any]], names: Names) -> list[Record]:
    """The records of ``*History``: each time that a row became another, or another's."""
    last: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    found = []
    for one in changes:
        row, said = (one.element_id, one.status_type, one.vo), (one.new, one.token_owner)
        if last.get(row) != said:
            last[row] = said
            found.append(_change(one, names))
    return found


def _change(change: Change[Any], names: Names) -> Record:
    at = naive(change.at)
    return (
        change.id,
        names.of(ElementKey(change.family, change.type, change.name)),
        change.status_type,
        Status(change.new).label,
        joined(change.reasons),
        at,
        FOREVER if change.token_expires_at is None else naive(change.token_expires_at),
        change.type,
        at,
        change.token_owner or AUTOMATION,
        change.vo,
    )
