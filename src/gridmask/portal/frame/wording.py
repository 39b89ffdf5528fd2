"""How pages write numbers, times and statuses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import WHOLE
from gridmask.domain.vo import ALL
from gridmask.portal.frame.zones import here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gridmask.domain.row import Row

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
_ACCESS = "Access"
_THINGS = {"": "elements", "downtime": "downtimes"}


def number(value: int) -> str:
    """``1215`` as ``1,215``."""
    return f"{value:,}"


def minute(moment: datetime) -> str:
    """A moment as people read it: by their own clock, with UTC beside."""
    return _told_here(moment, "%H:%M")


def second(moment: datetime) -> str:
    """A moment as people read it, to the second."""
    return _told_here(moment, "%H:%M:%S")


def announced(moment: datetime) -> str:
    """A moment that somebody named; they seldom name seconds."""
    return second(moment) if moment.second else minute(moment)


def clock(moment: datetime) -> str:
    """A moment of today."""
    local = here(moment)
    return f"{local:%H:%M} ({moment:%H:%M} UTC)" if local else f"{moment:%H:%M} UTC"


def ago(age: timedelta) -> str:
    """How long ago something was."""
    said = span(age)
    return f"{said} ago" if said else "just now"


def ahead(distance: timedelta) -> str:
    """In how long something will be."""
    said = span(distance)
    return f"in {said}" if said else "now"


def soon(distance: timedelta) -> str:
    """In how long something will be that is not far."""
    seconds = distance.total_seconds()
    return ahead(distance) if seconds >= 120 else f"in {max(0, seconds):.0f} s"


def span(length: timedelta) -> str:
    """How long something is; nothing for less than a minute."""
    seconds = length.total_seconds()
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return ""


def length_of(length: timedelta) -> str:
    """How long something is, to the second where it is short."""
    return span(length) or f"{length.total_seconds():.0f} s"


def things(evidence: str, count: int = 0) -> str:
    """What a source with this kind of evidence lists, of which there are so many; an inventory has no evidence."""
    named = _THINGS.get(evidence, evidence)
    return named.removesuffix("s") if count == 1 else named


def seconds(length: float) -> str:
    """So many seconds, in the words of people."""
    return length_of(timedelta(seconds=length))


def aspect(status_type: str) -> str:
    """A status type in short: ``Read`` for ``ReadAccess``."""
    return status_type.removesuffix(_ACCESS) or status_type


def told(row: Row, vo: str) -> str:
    """All of a row that fits into a hint."""
    return "\n".join(_told(row, vo))


def note(row: Row, now: datetime) -> str:
    """How long a row has been what it is, and why, in a line."""
    if row.hold:
        # what it is asked to become says more than why it has been what it stays
        return f"{row.opinion.label} is asked for"
    held = f"held by {row.token.owner}" if row.token else ""
    why = brief(row.reasons[0], now) if row.reasons else ""
    return " · ".join(filter(None, (span(now - row.standing.since), held, why)))


def brief(reason: Reason, now: datetime) -> str:
    """A reason in short: of an announced downtime, when and what, and not its number."""
    text = reason.text
    if reason.kind is ReasonKind.DOWNTIME:
        text = text.partition(": ")[2] or text
    when = f"from {near(reason.since, now)}" if reason.since and reason.since > now else ""
    until = f"until {near(reason.until, now)}" if reason.until else ""
    return " · ".join(filter(None, (when or until, text)))


def near(moment: datetime, now: datetime) -> str:
    """A moment that somebody named, without its day if that is today."""
    return announced(moment).removeprefix(f"{here(now) or now:%Y-%m-%d} ")


def _told_here(moment: datetime, to: str) -> str:
    local = here(moment)
    if local is None:
        return f"{moment:%Y-%m-%d {to}} UTC"
    beside = f"{to}" if local.date() == moment.date() else f"%Y-%m-%d {to}"
    return f"{local:%Y-%m-%d {to}} ({moment:{beside}} UTC)"


def _told(row: Row, vo: str) -> Iterator[str]:
    status_type = "" if row.key.status_type == WHOLE else f"{row.key.status_type}: "
    yield f"{status_type}{row.status.label} since {minute(row.standing.since)}"
    yield from (reason.text for reason in row.reasons)
    if row.token:
        until = f"until {minute(row.token.expires_at)}" if row.token.expires_at else "until released"
        yield f"Held by {row.token.owner} {until}"
    if row.hold:
        kept = "Kept as it is, since batch {} was dropped," if row.hold.dropped else "Held by the guard, in batch {},"
        yield f"{kept.format(row.hold.batch)} until {second(row.hold.until)}: automation asks for {row.opinion.label}"
    if row.penalty and row.penalty.damped:
        yield "Damped: it has flapped, and is held back until it has been quiet"
    if row.binding:
        yield f"A binding row of {ALL}"
    elif row.key.vo != ALL:
        yield f"{vo}'s own row"
