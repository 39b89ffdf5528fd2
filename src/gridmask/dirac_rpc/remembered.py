"""Answers that were encoded, for whoever asks the same again while it is still so."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

MOST_BYTES = 2**26
"""So much is remembered at once."""


class Remembered:
    """Encoded answers by what was asked, those asked for last kept longest."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[object, bytes]] = OrderedDict()
        self._size = 0

    def __contains__(self, asked: Hashable) -> bool:
        return asked in self._answers

    def get(self, asked: Hashable, state: object) -> bytes | None:
        """The answer to what was ``asked``, if it was given of ``state``."""
        known = self._answers.get(asked)
        if known is None or known[0] != state:
            return None
        self._answers.move_to_end(asked)
        return known[1]

    def put(self, asked: Hashable, state: object, text: bytes) -> None:
        """Remember what was answered of ``state``."""
        before = self._answers.pop(asked, None)
        self._answers[asked] = state, text
        self._size += len(text) - (len(before[1]) if before else 0)
        while self._size > MOST_BYTES:
            self._size -= len(self._answers.popitem(last=False)[1][1])
