"""Hours: what people mean who name a moment by their own clock, and the moments that they name most."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gridmask.domain.errors import InvalidRequest

_TYPED = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)")
FIRST, SECOND = "first", "second"
"""Which one is meant of an hour that a clock shows twice."""


class Twice(InvalidRequest):
    """A moment that the clock shows twice, at ``first`` and at ``second``."""

    def __init__(self, typed: datetime, zone: str, first: datetime, second: datetime) -> None:
        self.first = first
        self.second = second
        super().__init__(
            f"In {zone}, clocks show {typed:%H:%M} twice on {typed:%Y-%m-%d}, since they are put back: at {first:%H:%M} UTC "
            f"and again at {second:%H:%M} UTC. Say which of them you mean."
        )


def moment(typed: str, zone: str, which: str = "") -> datetime:
    """The moment that ``typed`` is by a clock in ``zone``, in UTC.

    Args:
        typed: as a browser sends what was chosen in ``<input type="datetime-local">``: ``2026-08-22T12:00``.
        zone: the name of a zone that this machine knows.
        which: of a moment that the clock shows twice: ``first`` or ``second``.

    Raises:
        Twice: it is one that the clock shows twice, and nobody said which is meant.
        InvalidRequest: it is none, or one that the clock skips.
    """
    local = _parsed(typed)
    try:
        first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
        shown = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except OverflowError:
        raise InvalidRequest(f"{typed} is beyond the calendar.") from None
    if shown != local:
        skipped = _later(local, zone)
        raise InvalidRequest(
            f"In {zone}, no clock shows {local:%H:%M} on {local:%Y-%m-%d}: clocks are put on over it, to {skipped:%H:%M}."
        )
    if first != second and not which:
        raise Twice(local, zone, first, second)
    return second if which == SECOND else first


def typed_of(moment: datetime, zone: str) -> str:
    """``moment`` as ``<input type="datetime-local">`` has it, by a clock in ``zone``."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Preset:
    """A time that is often meant: ``value`` is what a form sends, ``at`` when it is, if that is known already."""

    value: str
    label: str
    at: datetime | None = None


HOUR, AGREED, LASTING, CUSTOM = "1h", "agreed", "lasting", "custom"
"""What forms send for the terms that are no moments, and for one that is typed."""

_NOON = time(12)


def presets(now: datetime, zone: str, downtime_ends: datetime | None = None) -> tuple[Preset, ...]:
    """Until when somebody who sets a row is likely to hold it; ``downtime_ends``: when the running downtime is over."""
    noon = tomorrow_noon(now, zone)
    found = [Preset(HOUR, "for 1 hour"), Preset(noon.isoformat(), "until tomorrow noon", noon)]
    if downtime_ends is not None and downtime_ends > now:
        found.append(Preset(downtime_ends.isoformat(), "until the downtime ends", downtime_ends))
    agreed, lasting = Preset(AGREED, "until automation agrees"), Preset(LASTING, "until released")
    return (*found, agreed, lasting, Preset(CUSTOM, "until"))


def tomorrow_noon(now: datetime, zone: str) -> datetime:
    """Noon of the next day by a clock in ``zone``, in UTC."""
    day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(day, _NOON, ZoneInfo(zone)).astimezone(UTC)


def _parsed(typed: str) -> datetime:
    found = _TYPED.fullmatch(typed.strip())
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}") if found else _refused(typed)
    except ValueError:
        return _refused(typed)


def _refused(typed: str) -> datetime:
    told = f"{typed[:40]!r} is no moment" if typed.strip() else "No moment is given"
    raise InvalidRequest(f"{told}; write it as 2026-08-22T12:00.")


def _later(local: datetime, zone: str) -> datetime:
    """What a clock shows that is put on, when it would have shown ``local``."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).astimezone(ZoneInfo(zone))
