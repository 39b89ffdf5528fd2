"""Feeds: what happened, one after the other, with how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.recording.events import Policies
    from gridmask.recording.happening import Happening
    from gridmask.recording.recording import Line


class Feed:
    """What ``lines`` tell that happened up to ``until``, but for the first ``skipped`` of them.

    Attributes:
        number: the number of the last line that was handed out.
        exhausted: whether there is no other.
    """

    def __init__(self, lines: Iterable[Line], policies: Policies, until: datetime, skipped: int = 0) -> None:
        numbered = enumerate(islice(lines, skipped, None), skipped + 1)
        self._each = ((number, line) for number, line in numbered if line.at <= until)
        self._policies = policies
        self._next: tuple[int, Happening] | None = None
        self.number = skipped
        self.exhausted = False

    def __iter__(self) -> Iterator[Happening]:
        return self

    def __next__(self) -> Happening:
        if self.peek() is None:
            raise StopIteration
        assert self._next is not None
        (self.number, one), self._next = self._next, None
        return one

    def peek(self) -> Happening | None:
        """What is handed out next; None: nothing."""
        if self._next is None and not self.exhausted:
            number, line = next(self._each, (0, None))
            self.exhausted = line is None
            self._next = (number, self._happening(number, line)) if line is not None else None
        return self._next[1] if self._next else None

    def before(self, since: datetime) -> Iterator[Happening]:
        """What happened before ``since``."""
        while (one := self.peek()) is not None and one.at < since:
            yield next(self)

    def _happening(self, number: int, line: Line) -> Happening:
        try:
            return line.happening(self._policies)
        except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
            place = f"what happened as number {number:,}, at {line.at:%FT%TZ}"
            raise InvalidConfiguration(place, f"cannot be read ({error})") from error
