"""What somebody means who sends a form: which use case, with what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.automation import Mode
from gridmask.domain.element import SITE
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.status import Status
from gridmask.portal.deeds import hours, rows
from gridmask.portal.deeds.typed import LONGEST, Deed, Typed
from gridmask.service.downtimes import SEVERITIES, Declaration
from gridmask.service.tokens import Wanted

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.domain.element import RowKey
    from gridmask.service.foresight import Desk

Doing = Callable[["Desk"], Awaitable[object]]

A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Meant:
    """What is to be done.

    Attributes:
        deed: what sort of thing.
        rows: the rows that are named.
        do: does it.
        until: by when what it leads to is seen, if that is not at once.
    """

    deed: Deed
    rows: tuple[RowKey, ...]
    do: Doing
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """Who says what about which rows, when."""

    actor: Actor
    typed: Typed
    rows: tuple[RowKey, ...]
    now: datetime


def meant(deed: Deed, typed: Typed, actor: Actor, vo: str, now: datetime) -> Meant:
    """What ``actor`` means by a form for ``deed``; ``vo`` is the proper name of the VO that is typed.

    Raises:
        InvalidRequest, NotKnown: something in the form cannot be.
    """
    if len(typed.reason) > LONGEST:
        raise InvalidRequest(f"A reason may have {LONGEST:,} characters; this one has {len(typed.reason):,}.")
    named = rows.read(typed.row, vo)
    if not named and deed is not Deed.CANCEL:
        raise InvalidRequest("Nothing is chosen. Say which rows it is about.")
    do, until = _DOINGS[deed](_Said(actor, typed, named, now))
    return Meant(deed, named, do, until)


Made = tuple[Doing, datetime | None]


def wanted(typed: Typed, now: datetime) -> Wanted:
    """For how long somebody wants to hold rows.

    Raises:
        InvalidRequest: it is no time, or two.
    """
    if typed.custom and typed.until != hours.CUSTOM:
        raise InvalidRequest(f"Until when: as chosen, or until {typed.custom} as typed? Say one, and empty the other.")
    match typed.until:
        case "":
            return Wanted()
        case hours.HOUR:
            return Wanted(now + timedelta(hours=1))
        case hours.AGREED:
            return Wanted(agreed=True)
        case hours.LASTING:
            return Wanted(lasting=True)
        case hours.CUSTOM:
            return Wanted(hours.moment(typed.custom, typed.zone, typed.which))
        case moment:
            return Wanted(_moment(moment))


def _moment(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise InvalidRequest(f"{said[:40]!r} is no time until when rows can be held.") from None
    if found.tzinfo is None:
        raise InvalidRequest(f"{said[:40]!r} does not say in which zone.")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise InvalidRequest(f"{said[:40]!r} is beyond the calendar.") from None


def _set(said: _Said) -> Made:
    if not said.typed.status:
        raise InvalidRequest("Say what they are to be.")
    status, term = Status.parse(said.typed.status), wanted(said.typed, said.now)
    named, seen, binds = rows.named(said.rows), said.typed.seen_revision, bool(said.typed.binding)
    return lambda desk: desk.statuses.set(
        said.actor, named, status, said.typed.reason, wanted=term, binding=binds, seen=seen
    ), None


def _take(said: _Said) -> Made:
    term, named, seen = wanted(said.typed, said.now), rows.named(said.rows), said.typed.seen_revision
    return lambda desk: desk.tokens.take(said.actor, named, said.typed.reason, term, seen=seen), None


def _extend(said: _Said) -> Made:
    term, named, seen = wanted(said.typed, said.now), rows.named(said.rows), said.typed.seen_revision
    return lambda desk: desk.tokens.extend(said.actor, named, term, said.typed.reason, seen=seen), None


def _release(said: _Said) -> Made:
    named, seen = rows.named(said.rows), said.typed.seen_revision
    return lambda desk: desk.tokens.release(said.actor, named, said.typed.reason, seen=seen), None


def _automation(said: _Said) -> Made:
    mode = Mode.parse(said.typed.mode) if said.typed.mode else None
    vo = said.rows[0].vo
    return lambda desk: desk.automation.rule(said.actor, rows.elements(said.rows), vo, mode, said.typed.reason), None


def _downtime(said: _Said) -> Made:
    typed = said.typed
    start = hours.moment(typed.start, typed.zone, typed.which) if typed.start else said.now
    end = hours.moment(typed.end, typed.zone, typed.which) if typed.end else None
    sites = tuple(row.element.name for row in said.rows if row.element.family == SITE and typed.whole)
    severity = typed.severity or SEVERITIES[0]
    declared = Declaration(
        rows.elements(said.rows), start, end, severity, typed.reason, said.rows[0].vo, tuple(dict.fromkeys(sites))
    )
    until = start + A_MOMENT if start > said.now else None
    return lambda desk: desk.downtimes.add(said.actor, declared), until


def _cancel(said: _Said) -> Made:
    return lambda desk: desk.downtimes.cancel(said.actor, said.typed.record, said.typed.reason), None


_DOINGS: Mapping[Deed, Callable[[_Said], Made]] = {
    Deed.SET: _set,
    Deed.TAKE: _take,
    Deed.EXTEND: _extend,
    Deed.RELEASE: _release,
    Deed.AUTOMATION: _automation,
    Deed.DOWNTIME: _downtime,
    Deed.CANCEL: _cancel,
}
