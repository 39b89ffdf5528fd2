"""Times and places in the words of people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.element import WHOLE

if TYPE_CHECKING:
    from gridmask.domain.element import RowKey

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def moment(when: datetime | None, otherwise: str = "-") -> str:
    """``when`` in UTC, to the minute; ``otherwise`` where there is none."""
    return f"{when:%Y-%m-%d %H:%M}" if when else otherwise


def utc(when: datetime) -> str:
    """``when``, with the name of its time zone."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def distance(when: datetime, now: datetime) -> str:
    """How far ``when`` is from ``now``: ``3 h ago``, ``in 2 d``."""
    gap = when - now
    if abs(gap) < timedelta(seconds=1):
        return "now"
    return f"in {span(gap)}" if gap > timedelta() else f"{span(-gap)} ago"


def span(length: timedelta) -> str:
    """``length`` in the largest unit that fits; below two of it, with what is left in the next one."""
    seconds = round(length.total_seconds())
    for (unit, size), (smaller, fraction) in zip(_UNITS, (*_UNITS[1:], ("s", 1)), strict=True):
        if seconds >= size:
            rest = seconds % size // fraction
            more = f" {rest} {smaller}" if rest and seconds < 2 * size and size > 1 else ""
            return f"{seconds // size} {unit}{more}"
    return "less than 1 s"


def percent(share: float) -> str:
    """``share`` as a percentage, rounded down: only the whole is 100 %."""
    # of a share such as 0.9999, which is slightly less in binary, no digit is lost
    return f"{int(share * 10_000 + 1e-6) / 100:.2f} %"


def row(key: RowKey) -> str:
    """A row's name without its VO: ``StorageElement store WriteAccess``."""
    return str(key.element) if key.status_type == WHOLE else f"{key.element} {key.status_type}"


def elements(count: int) -> str:
    """So many elements."""
    return f"{count:,} element{'' if count == 1 else 's'}"


def rows(count: int) -> str:
    """So many rows."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def brief(text: str, longest: int = 120) -> str:
    """The first line of ``text``, cut where it is longer than that."""
    first = text.partition("\n")[0]
    return first if len(first) <= longest else f"{first[: longest - 3]}..."
