"""Sizes and shares: the units that thresholds are written in."""

from __future__ import annotations

from math import floor
from typing import NewType

DECIMAL = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15, "EB": 10**18}
BINARY = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50, "EiB": 2**60}
UNITS = DECIMAL | BINARY
"""Bytes by the name of a unit, as IEC 80000-13 has them."""

Share = NewType("Share", float)
"""A part of a whole, from 0 to 1."""


class Size(int):
    """A number of bytes. As text it is exact, in the unit that makes it shortest: ``5 TB``, ``100 GiB``."""

    __slots__ = ()

    def __str__(self) -> str:
        texts = [f"{self / unit:g} {name}" for name, unit in UNITS.items() if round(float(f"{self / unit:g}") * unit) == self]
        return min([*texts, f"{int(self)} B"], key=len)


def roughly(size: float) -> str:
    """``size`` bytes for people: cut, not rounded, to four digits, so that what is below a threshold reads as below it."""
    name, unit = next(((name, unit) for name, unit in reversed(DECIMAL.items()) if size >= unit), ("B", 1))
    steps = 10 ** (4 - len(str(floor(size / unit))))
    return f"{_cut(size / unit, steps):g} {name}"


def percent(share: float) -> str:
    """``share`` for people: ``93.33 %``, cut in the same way."""
    return f"{_cut(share * 100, 100):g} %"


def _cut(number: float, steps: int) -> float:
    # what is a whole number of steps but for the last bits of a float is one
    return floor(number * steps + 1e-6) / steps
