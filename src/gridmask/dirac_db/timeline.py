"""The history of rows, of records that mostly say the same again: which of them are changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.dirac_db import translate
from gridmask.dirac_db.report import About, Report
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.status import Status
from gridmask.domain.takeover import Past, to_the_second

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.dirac_db.naming import Naming
    from gridmask.dirac_db.record import Record

SOURCE = "dirac"
"""What reasons that DIRAC gave name as their source, and what did there is done by."""

_LONGEST_NAME = 255


@dataclass(slots=True)
class Track:
    """What is known of a row's past so far: the last of its changes, and where that stood.

    ``seen``: the latest time of any record of it, whether or not that was a change.
    """

    key: RowKey
    at: datetime | None = None
    status: Status = Status.UNKNOWN
    owner: str | None = None
    table: str = ""
    number: int = 0
    seen: datetime | None = None

    def comes_after(self, record: Record, at: datetime) -> bool:
        """Whether ``record``, of the time ``at``, comes after the last change; if not, it was taken already.

        Within a table, the order is that of IDs, unless these began anew. From one table to the next, records are moved, and
        keep their times alone.
        """
        if self.at is None:
            return True
        if record.number and record.table.name == self.table:
            return record.number > self.number or at > self.at
        return at >= self.at

    def placed(self, at: datetime) -> datetime:
        """When something happened that is told of the time ``at``, but after all that was seen so far."""
        self.seen = max(at, self.seen or at, self.at or at)
        return self.seen

    def move(self, record: Record, at: datetime, status: Status, owner: str | None) -> None:
        """Go on from what ``record`` says."""
        self.at, self.status, self.owner = at, status, owner
        self.table, self.number = record.table.name, record.number


class Timeline:
    """Goes through records in the order of tables and IDs, and picks out those that changed a row.

    It holds one :class:`Track` for each row, however many records there are.
    """

    def __init__(
        self,
        naming: Naming,
        now: datetime,
        report: Report,
        tracks: Iterable[Track] = (),
        given_back: Iterable[datetime] = (),
    ) -> None:
        """``now``: nothing happened later. ``tracks``: what was taken before.

        ``given_back``: when what was so here was written for DIRAC's tables. Records of that are our history, not DIRAC's.
        """
        self._naming = naming
        self._now = now
        self._report = report
        self._given_back = {to_the_second(moment) for moment in given_back}
        self._tracks = {track.key: track for track in tracks}
        # what a record calls its row, which costs more to make out than all the rest
        self._by_name: dict[tuple[str, str, str, str, str], Track | None] = {}
        self._statuses: dict[str, Status | None] = {}
        self._named: set[tuple[About, str]] = set()

    def reached(self, table: str) -> int:
        """The ID of the last record of ``table`` that was a change of any row."""
        return max((track.number for track in self._tracks.values() if track.table == table), default=0)

    def elements(self) -> frozenset[ElementKey]:
        """The elements that there are any tracks of."""
        return frozenset(track.key.element for track in self._tracks.values())

    def take(self, records: Iterable[Record]) -> list[Past]:
        """The changes among ``records``."""
        return [past for record in records if (past := self._taken(record)) is not None]

    def _taken(self, record: Record) -> Past | None:
        track = self._track(record)
        if track is None:
            return None
        said = translate.effective(record.effective, record.checked)
        if said is None:
            self._report.remark(About.NO_TIME, record.place)
            return None
        if len(record.owner) >= record.table.owner_length and record.owner not in self._naming.owners:
            self._once(About.CUT_OWNER, record.owner)
        status = self._status(record, track)
        if status is None or not track.comes_after(record, said):
            return None
        at = track.placed(min(said, self._now))
        owner = translate.owner(record.owner, self._naming.owners)
        if record.number and self._is_ours(record, said):
            self._report.remark(About.OURS, record.place)
            track.move(record, at, status, owner)
            return None
        # what is so now tells since when the status is, and not since when the owner
        if track.at is not None and status is track.status and (owner == track.owner or not record.number):
            return None
        if at > said:
            self._report.remark(About.OUT_OF_ORDER, record.place)
        return self._moved(track, record, at, status, owner)

    def _is_ours(self, record: Record, said: datetime) -> bool:
        # where DIRAC notes a change, it is as old as the check; what is written for it was so before
        checked = translate.moment(record.checked)
        return checked is not None and checked in self._given_back and said < checked

    def _moved(self, track: Track, record: Record, at: datetime, status: Status, owner: str | None) -> Past:
        opened, changed = track.at is None, track.status is not status
        past = Past(
            track.key,
            ChangeKind.OPENED if opened else ChangeKind.STATUS if changed else ChangeKind.TOKEN,
            at,
            None if opened else track.status,
            status,
            reason_of(record),
            owner,
            translate.moment(record.expires) if owner else None,
            track.owner if track.owner != owner else None,
        )
        track.move(record, at, status, owner)
        return past

    def _status(self, record: Record, track: Track) -> Status | None:
        if not record.status.strip():
            self._remark_on_past(About.BLANK_STATUS, record, record.place)
            return track.status if track.at is not None else None
        if record.status not in self._statuses:
            self._statuses[record.status] = translate.status(record.status)
        known = self._statuses[record.status]
        if known is None:
            self._remark_on_past(About.UNKNOWN_STATUS, record, record.status)
        return Status.UNKNOWN if known is None else known

    def _track(self, record: Record) -> Track | None:
        called = (record.table.family, record.name, record.element_type, record.status_type, record.vo)
        if called not in self._by_name:
            self._by_name[called] = self._found(record)
        return self._by_name[called]

    def _found(self, record: Record) -> Track | None:
        element, vo = self._naming.element(record), self._naming.vo(record.vo)
        if element is None:
            self._once(About.NO_TYPE, record.name)
            return None
        if vo is None:
            self._once(About.UNKNOWN_VO, record.vo)
            return None
        status_type = translate.status_type(record.status_type)
        if status_type is None or len(element.name) > _LONGEST_NAME:
            self._once(About.TOO_LONG, f"{element.name} {record.status_type}")
            return None
        return self._tracks.setdefault(key := RowKey(element, status_type, vo), Track(key))

    def _remark_on_past(self, about: About, record: Record, name: str) -> None:
        # what is so now is told where it is taken
        if record.number:
            self._report.remark(about, name)

    def _once(self, about: About, name: str) -> None:
        if (about, name) not in self._named:
            self._named.add((about, name))
            self._report.remark(about, name)


def reason_of(record: Record) -> Reason:
    """Why a row was what a record says."""
    text = record.reason.strip() or "Unspecified"
    if record.status.strip() and translate.status(record.status) is None:
        text = f"{text} (DIRAC said {record.status!r}, which is no status here.)"
    return Reason(ReasonKind.IMPORTED, text, source=SOURCE, record=record.place)
