"""What was seen: what the mask of a VO said of an element, from when up to when, and why (promises V1, V4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.mask import Absence
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from gridmask.replay.outcome import Described, Moment, Presence

if TYPE_CHECKING:
    from gridmask.domain.decision import Reason
    from gridmask.replay.outcome import Outcome, Past


class Stretch(NamedTuple):
    """What was seen from ``start`` up to, not including, ``end``.

    Attributes:
        start, end: when.
        status: what the row was; None: there was none to be seen.
        absence: why not.
        row: whose row answered.
        owner, opinion, batch, reasons: as in :class:`~gridmask.replay.outcome.Moment`, of the row that answered.
    """

    start: datetime
    end: datetime
    status: Status | None
    absence: Absence | None = None
    row: str = ""
    owner: str | None = None
    opinion: Status = Status.UNKNOWN
    batch: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the VO could use it."""
        return self.status is not None and usable(self.status)

    def looks_as(self, other: Stretch) -> bool:
        """Whether a reader of masks sees no difference."""
        return (self.status, self.absence) == (other.status, other.absence)


@dataclass(frozen=True, slots=True)
class Readers:
    """VOs that see the same of an element: one that stands for them, and all of them, in order."""

    vo: str
    vos: tuple[str, ...]


def readers(outcome: Outcome, past: Past, apart: Iterable[str] = ()) -> Iterator[Readers]:
    """Those who see the same of what became of an element, :data:`~gridmask.domain.vo.ALL` among them.

    ``apart``: VOs that are told of apart from the others in any case.
    """
    own = {vo for _, vo in past.rows if vo != ALL} | set(apart)
    alike: dict[tuple[object, ...], list[str]] = {}
    for vo in (ALL, *outcome.vos):
        offered = tuple(d.element is not None and d.element.is_offered_to(vo) for d in past.described)
        name = (vo if vo in own else "", offered, () if vo == ALL else _life(outcome, vo))
        alike.setdefault(name, []).append(vo)
    yield from (Readers(vos[0], tuple(vos)) for vos in alike.values())


def _life(outcome: Outcome, vo: str) -> tuple[Presence, ...]:
    """When ``vo`` was there; nothing to tell, if it always was."""
    found = outcome.vos[vo]
    return () if len(found) == 1 and found[0].at <= outcome.since else found


def stretches(outcome: Outcome, past: Past, aspect: str, vo: str) -> tuple[Stretch, ...]:
    """What ``vo`` saw of a status type, over the whole period, without a gap."""
    presences = outcome.vos.get(vo, ()) if vo != ALL else (Presence(outcome.since, there=True),)
    told = merge(
        _told(past.rows.get((aspect, ALL), ()), "general"),
        _told(past.rows.get((aspect, vo), ()) if vo != ALL else (), "own"),
        _told(past.described, "element"),
        _told(presences, "there"),
        key=lambda one: one[0],
    )
    return tuple(_joined(_seen(told, vo, outcome.since, outcome.until)))


_Told = tuple[datetime, str, Moment | Described | Presence]


def _told(found: Sequence[Moment] | Sequence[Described] | Sequence[Presence], what: str) -> Iterator[_Told]:
    return ((one.at, what, one) for one in found)


def _seen(told: Iterable[_Told], vo: str, since: datetime, until: datetime) -> Iterator[Stretch]:
    now: dict[str, Moment | Described | Presence] = {}
    start = since
    for at, what, one in told:
        if at >= until:
            break
        if at > start:
            yield _stretch(start, at, now, vo)
            start = at
        now[what] = one
    if start < until:
        yield _stretch(start, until, now, vo)


def _stretch(start: datetime, end: datetime, now: dict[str, Moment | Described | Presence], vo: str) -> Stretch:
    absence = _absence(now, vo)
    row, whose = _answering(now, vo)
    if absence is not None or row is None:
        return Stretch(start, end, None, absence or Absence.NOT_KNOWN)
    return Stretch(start, end, row.status, None, whose, row.owner, row.opinion, row.batch, row.reasons)


def _absence(now: dict[str, Moment | Described | Presence], vo: str) -> Absence | None:
    described, there = now.get("element"), now.get("there")
    element = described.element if isinstance(described, Described) else None
    if element is None or not isinstance(there, Presence) or not there.there:
        return Absence.NOT_KNOWN
    if not element.in_service:
        return Absence.OUT_OF_SERVICE
    return None if element.is_offered_to(vo) else Absence.NOT_OFFERED


def _answering(now: dict[str, Moment | Described | Presence], vo: str) -> tuple[Moment | None, str]:
    general, own = (one if isinstance(one, Moment) and one.status is not None else None for one in map(now.get, _ROWS))
    if own is None or (general is not None and general.binding):
        return general, ALL
    return own, vo


_ROWS = ("general", "own")


def _joined(found: Iterable[Stretch]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for one in found:
        if last is not None and last[2:] == one[2:]:
            last = last._replace(end=one.end)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last
