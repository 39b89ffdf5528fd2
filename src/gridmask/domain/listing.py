"""Lists of names for people, who need not read them all."""

from __future__ import annotations

from collections.abc import Iterable

FEW = 5
"""How many are named before the rest is only counted."""


def some(names: Iterable[str], most: int = FEW) -> str:
    """The first few of ``names``, and how many more there are.

    >>> some(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    listed = list(names)
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
