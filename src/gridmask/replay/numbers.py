"""Numbers as people read them: hours, shares, lengths of time, and by how much they differ."""

from __future__ import annotations

from gridmask.replay.measures import Unit

NOTHING = "\N{EN DASH}"
"""Stands where there is nothing to tell."""

_MINUS = "\N{MINUS SIGN}"
_SAME = 1e-6
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(value: float) -> str:
    """``value``: as much of it as matters."""
    size = abs(value)
    for million, name in ((1e9, "billion"), (1e6, "million")):
        if size >= million * 10:
            return f"{number(round(value / million, 1))} {name}"
    if size >= 100 or abs(value - round(value)) < _SAME:
        return f"{value:,.0f}".replace("-", _MINUS)
    return f"{value:,.{1 if size >= 1 else 2}f}".replace("-", _MINUS)


def told(value: float | None, unit: Unit) -> str:
    """``value`` with its unit."""
    if value is None:
        return NOTHING
    if unit is Unit.SECONDS:
        return length(value)
    if unit is Unit.SHARE:
        return f"{number(value * 100)} %"
    return f"{number(value)} h" if unit is Unit.HOURS else number(value)


def difference(value: float | None, unit: Unit) -> str:
    """``value`` with its sign; a difference that is too small to be told is none."""
    if value is None:
        return NOTHING
    if abs(value) < SMALL:
        return "="
    return f"+{told(value, unit)}" if value > 0 else f"{_MINUS}{told(-value, unit)}"


SMALL = 0.005
"""What differs by less, is the same."""


def length(seconds: float) -> str:
    """A length of time in the unit that fits it."""
    for size, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{number(round(seconds / size, 1))} {name}"
    return f"{number(round(seconds, 1))} s"


def share(part: float, whole: float) -> str:
    """What part of ``whole`` ``part`` is, in percent; nothing where there is no whole."""
    if not whole:
        return ""
    percent = part / whole * 100
    return f"{percent:.0f} %" if abs(percent) >= 10 or percent == round(percent) else f"{percent:.1f} %"
