"""Sizes and shares: the units that thresholds are written in."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from math import floor
from typing import NewType

DECIMAL = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15, "EB": 10**18}
BINARY = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50, "EiB": 2**60}
UNITS = DECIMAL | BINARY
"""Bytes by the name of a unit, as IEC 80000-13 has them."""

Share = NewType("Share", float)
"""A part of a whole, from 0 to 1."""

_LARGEST = 1_000 * UNITS["EB"]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")
_ALL = 100
_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)\s*%?")


class Size(int):
    """A number of bytes. As text it is exact, in the unit that makes it shortest: ``5 TB``, ``100 GiB``."""

    __slots__ = ()

    def __str__(self) -> str:
        texts = [f"{self / unit:g} {name}" for name, unit in UNITS.items() if _is_exact(self, unit)]
        return min([*texts, f"{int(self)} B"], key=len)


def _is_exact(number: int, unit: int) -> bool:
    text = f"{number / unit:g}"
    return "e" not in text and round(float(text) * unit) == number


def size(text: object) -> Size:
    """The number of bytes that ``text`` names: a number and a decimal (``TB``) or binary (``TiB``) unit. A size is itself.

    Raises:
        ValueError: it names none. A number alone does not: it could be of any unit.
    """
    if isinstance(text, Size):
        return text
    match = _SIZE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a size; write a number and a unit, such as '5 TB' or '0.5 TiB'")
    number, unit = match.groups()
    if unit not in UNITS:
        near = next((known for known in UNITS if known.lower() == unit.lower()), None)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(UNITS)}"
        raise ValueError(f"{text!r} is not a size: there is no unit {unit!r}; {hint}")
    found = Decimal(number) * UNITS[unit]
    if found > _LARGEST:
        raise ValueError(f"{text!r} is more than a thousand exabytes")
    return Size(round(found))


def fraction(number: object) -> Share:
    """The part of a whole that ``number`` is: from 0 to 1.

    Raises:
        ValueError: it is none. Percentages are not: 1 would be all or next to nothing.
    """
    if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1:
        return Share(float(number))
    match = _PERCENTAGE.fullmatch(str(number))
    hint = f"did you mean {Decimal(match[1]) / 100}?" if match and Decimal(match[1]) <= _ALL else "such as 0.9"
    raise ValueError(f"{number!r} is not a fraction; write a number from 0 to 1, {hint}")


@lru_cache(maxsize=4096)
def roughly(size: float) -> str:
    """``size`` bytes for people: cut, not rounded, to four digits, so that what is below a threshold reads as below it."""
    name, unit = next(((name, unit) for name, unit in reversed(DECIMAL.items()) if size >= unit), ("B", 1))
    steps = 10 ** (4 - len(str(floor(size / unit))))
    return f"{_cut(size / unit, steps):g} {name}"


@lru_cache(maxsize=4096)
def percent(share: float) -> str:
    """``share`` for people: ``93.33 %``, cut in the same way."""
    return f"{_cut(share * 100, 100):g} %"


def _cut(number: float, steps: int) -> float:
    # what is a whole number of steps but for the last bits of a float is one
    return floor(number * steps + 1e-6) / steps
