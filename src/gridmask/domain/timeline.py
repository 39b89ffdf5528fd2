"""Timelines: what a VO saw of an element's status, moment after moment, made of what happened to rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gridmask.domain.mask import Absence
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.decision import Reason
    from gridmask.domain.element import ElementKey
    from gridmask.domain.status import Status


class Change(NamedTuple):
    """What a row became; a named tuple, since a report is made of hundreds of thousands.

    Attributes:
        at: when.
        vo: whose row it is; :data:`~gridmask.domain.vo.ALL` is everyone's.
        status: what it is from then on; None: the row ended.
        binding: whether it outranks every VO's own row (promise V4).
        revision: the revision that did it; 0: it happened before there was one.
        owner: the person whose it is; None: automation's.
        kind, actor: what was done, and by whom.
        reasons: why it is what it is.
        number: which entry of the history that is; 0: none.
    """

    at: datetime
    vo: str
    status: Status | None
    binding: bool = False
    revision: int = 0
    owner: str | None = None
    kind: str = ""
    actor: str = ""
    reasons: tuple[Reason, ...] = ()
    number: int = 0


class Showing(NamedTuple):
    """From ``at`` on, the VO's mask shows the element, or does not: ``absence`` says why."""

    at: datetime
    absence: Absence | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was seen from ``start`` up to, not including, ``end``.

    Attributes:
        start, end: when.
        status: what the row was; None: there was none to be seen.
        absence: why not.
        row: whose row answered; empty without one.
        binding, owner, reasons: as in :class:`Change`, of the row that answered.
        kind, actor, revision, number: what began it, be it a change of that row or of another that gave way; empty and 0
            where the element came or went. The first stretch of what was asked about may have begun before it.
    """

    start: datetime
    end: datetime
    status: Status | None
    absence: Absence | None = None
    row: str = ""
    binding: bool = False
    owner: str | None = None
    reasons: tuple[Reason, ...] = ()
    kind: str = ""
    actor: str = ""
    revision: int = 0
    number: int = field(default=0, compare=False)

    def is_as(self, other: Stretch) -> bool:
        """Whether both say the same, whenever and by whatever it came about."""
        return (self.status, self.absence, self.row, self.binding, self.owner) == (
            other.status,
            other.absence,
            other.row,
            other.binding,
            other.owner,
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """What ``vo`` saw of an element's status type: stretches without a gap between them, each other than the one before."""

    element: ElementKey
    status_type: str
    vo: str
    stretches: tuple[Stretch, ...]


def stretches(changes: Iterable[Change], showings: Iterable[Showing], since: datetime, until: datetime) -> tuple[Stretch, ...]:
    """What a VO saw from ``since`` up to ``until``, by what happened until then.

    That is its own row while there is one, else that of all, and a binding one of all before any other (promises V1, V4).

    Args:
        changes: those of the VO's row and of the row of all, in the order in which they were made. Where a clock went back,
            a change counts from when the one before it did.
        showings: since when the mask shows the element, in order; before the first, it is not known.
        since: from when on.
        until: up to when, not including it.
    """
    events: Iterable[Change | Showing] = merge(_forward(changes), _forward(showings), key=_at)
    return tuple(_joined(_clipped(_seen(events, since, until), since)))


def _at(event: Change | Showing) -> datetime:
    return event.at


E = TypeVar("E", Change, Showing)


def _forward(events: Iterable[E]) -> Iterator[E]:
    """``events``, none of them before the one that it follows."""
    latest: datetime | None = None
    for event in events:
        if latest is not None and event.at < latest:
            yield event._replace(at=latest)
        else:
            latest = event.at
            yield event


def _seen(events: Iterable[Change | Showing], since: datetime, until: datetime) -> Iterator[Stretch]:
    own: Change | None = None
    general: Change | None = None
    absence: Absence | None = Absence.NOT_KNOWN
    start, cause = datetime.min.replace(tzinfo=since.tzinfo), None
    for event in events:
        if event.at >= until:
            break
        if event.at > start:
            yield _stretch(start, event.at, own, general, absence, cause)
            start, cause = event.at, None
        if isinstance(event, Showing):
            absence = event.absence
            continue
        if event.vo == ALL:
            general = event if event.status is not None else None
        else:
            own = event if event.status is not None else None
        cause = event
    yield _stretch(start, until, own, general, absence, cause)


def _stretch(
    start: datetime,
    end: datetime,
    own: Change | None,
    general: Change | None,
    absence: Absence | None,
    cause: Change | None,
) -> Stretch:
    row = general if own is None or (general is not None and general.binding) else own
    if absence is not None or row is None:
        return Stretch(start, end, None, absence or Absence.NOT_KNOWN)
    begun = (cause.kind, cause.actor, cause.revision, cause.number) if cause else ("", "", 0, 0)
    return Stretch(start, end, row.status, None, row.vo, row.binding, row.owner, row.reasons, *begun)


def _clipped(found: Iterable[Stretch], since: datetime) -> Iterator[Stretch]:
    for stretch in found:
        if stretch.end > since:
            yield stretch if stretch.start >= since else replace(stretch, start=since)


def _joined(found: Iterable[Stretch]) -> Iterator[Stretch]:
    """``found`` with neighbours that say the same made one, which keeps the first one's cause."""
    last: Stretch | None = None
    for stretch in found:
        if last is not None and last.is_as(stretch):
            last = replace(last, end=stretch.end)
        else:
            if last is not None:
                yield last
            last = stretch
    if last is not None:
        yield last


def hidden(showings: Iterable[Showing], start: datetime, end: datetime) -> tuple[Showing, ...]:
    """``showings`` for a VO that was not there from ``start`` up to ``end``, and had no mask."""
    before: list[Showing] = []
    after: list[Showing] = []
    then: Absence | None = Absence.NOT_KNOWN
    for showing in showings:
        if showing.at >= end:
            after.append(showing)
            continue
        then = showing.absence
        if showing.at < start:
            before.append(showing)
    return (*before, Showing(start, Absence.NOT_KNOWN), Showing(end, then), *after)
