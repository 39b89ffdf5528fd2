"""Server-sent events, as they come out of bytes.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gridmask_client.errors import TooLarge

_LINE = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Event:
    """An event: its name and its data."""

    name: str
    data: bytes = field(repr=False)


class Events:
    """Takes bytes as they come, and gives the events that they complete. None has more than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest: list[bytes] = []
        self._size = 0
        self._name = b""
        self._data: list[bytes] = []
        self.retry: float | None = None
        """Seconds after which the server wants readers to come back, once it said so."""

    def take(self, piece: bytes) -> Iterator[Event]:
        """The events that ``piece`` completes.

        Raises:
            TooLarge: one has more bytes than it may have.
        """
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLarge(self._limit)
        self._rest.append(piece)
        if not (b"\n" in piece or b"\r" in piece or self._rest[0].endswith(b"\r")):
            return
        *lines, rest = self._lines(b"".join(self._rest))
        self._rest = [rest]
        for line in lines:
            event = self._heard(line)
            if event is not None:
                yield event

    def _lines(self, text: bytes) -> list[bytes]:
        if not text.endswith(b"\r"):
            return _LINE.split(text)
        # what ends so may be the half of an end
        *lines, rest = _LINE.split(text[:-1])
        return [*lines, rest + b"\r"]

    def _heard(self, line: bytes) -> Event | None:
        if not line:
            return self._complete()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._name = value
        elif name == b"data":
            self._data.append(value)
        elif name == b"retry" and value.isdigit():
            self.retry = int(value[:9]) / 1000
        return None

    def _complete(self) -> Event | None:
        event = Event(self._name.decode(errors="replace") or "message", b"\n".join(self._data)) if self._data else None
        self._name, self._data, self._size = b"", [], sum(map(len, self._rest))
        return event
