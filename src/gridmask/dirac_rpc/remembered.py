"""Answers that were encoded, for whoever asks the same again while it is still so."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gridmask.service.dirac_reads import State

MOST_BYTES = 2**26
"""So much is remembered at once."""

EACH = 1024
"""Bytes that an answer takes beside its own."""


class Encoded(NamedTuple):
    """An answer as bytes.

    Attributes:
        body: the bytes.
        called: the method that it answers.
        packed: whether the bytes are packed with gzip.
    """

    body: bytes
    called: str
    packed: bool = False


class Remembered:
    """Encoded answers by what was asked, those asked for last kept longest."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[State, Encoded]] = OrderedDict()
        self._size = 0

    def get(self, asked: Hashable) -> tuple[State, Encoded] | None:
        """The answer to what was ``asked``, and what it was made of; None: it is not known."""
        known = self._answers.get(asked)
        if known is not None:
            self._answers.move_to_end(asked)
        return known

    def put(self, asked: Hashable, state: State, answer: Encoded) -> None:
        """Remember what was answered of ``state``."""
        self._forget(self._answers.pop(asked, None))
        self._answers[asked] = state, answer
        self._size += len(answer.body) + EACH
        while self._size > MOST_BYTES:
            self._forget(self._answers.popitem(last=False)[1])

    def _forget(self, known: tuple[State, Encoded] | None) -> None:
        if known is not None:
            self._size -= len(known[1].body) + EACH
