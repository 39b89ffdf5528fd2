"""Which sums an answer leaves in doubt: those of which a record that could not be read may be a part.

A sum of the others would be a part for the whole: fewer tickets, fewer failures than there are. It is not stated; what was
last stated of it stands until it has expired, and the problem that is told with the record keeps the answer from saying that it
is gone.
"""

from __future__ import annotations

from collections import defaultdict


class Doubts:
    """What is in doubt, by what it is about: so many words each time, as a site and a VO."""

    def __init__(self) -> None:
        # by the places of the words that are known, so that to look one up takes no longer the more there are
        self._known: dict[tuple[int, ...], set[tuple[str, ...]]] = defaultdict(set)

    def add(self, *words: str | None) -> None:
        """A record that could not be read is about this; None: that could not be read either, and may be anything."""
        known = {place: word for place, word in enumerate(words) if word is not None}
        self._known[tuple(known)].add(tuple(known.values()))

    def concern(self, *words: str) -> bool:
        """Whether the sum about this is in doubt."""
        return any(tuple(words[place] for place in places) in said for places, said in self._known.items())
