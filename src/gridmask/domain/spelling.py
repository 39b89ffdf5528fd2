"""Names that are nearly right: which one was meant."""

from __future__ import annotations

from bisect import bisect
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NEAR = 250
"""So many names on each side of the one that was asked for are compared with it."""

_FEW = 12
"""So many names are told whole."""


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` most likely was meant to be, or None where none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    folded = name.casefold()
    near = get_close_matches(folded, _neighbours(folded, by_folded), n=1, cutoff=0.7)
    return by_folded[near[0]] if near else None


def hint(suggestion: str | None, known: Sequence[str]) -> str:
    """A sentence that helps who meant another name: the ``suggestion``, or all names that are ``known``, if they are few."""
    if suggestion:
        return f" Did you mean {suggestion!r}?"
    return f" There are {', '.join(known)}." if 0 < len(known) <= _FEW else ""


def _neighbours(name: str, known: Iterable[str]) -> set[str]:
    """Those of ``known`` that begin or end most like ``name``: to compare it with each of very many would take seconds."""
    forwards, backwards = sorted(known), sorted(candidate[::-1] for candidate in known)
    first, last = bisect(forwards, name), bisect(backwards, name[::-1])
    ends = (candidate[::-1] for candidate in backwards[max(0, last - _NEAR) : last + _NEAR])
    return {*forwards[max(0, first - _NEAR) : first + _NEAR], *ends}
