"""A ticket, as far as it is read."""

from __future__ import annotations

from typing import Any

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.domain.errors import MalformedAnswer


class Ticket(msgspec.Struct, frozen=True):
    """A ticket; ``fields`` are those that the helpdesk added, by name."""

    id: int
    fields: dict[str, Any]

    def texts(self, field: str) -> list[str]:
        """What ``field`` says: one text, several in a list, or several with commas between; none, where it says nothing.

        Raises:
            ValueError: it says something else than texts.
        """
        said = self.fields.get(field) or ""
        parts = said.split(",") if isinstance(said, str) else said
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise ValueError(f"{field} is no text: {str(said)[:80]!r}")
        return [text for part in parts if (text := part.strip())]


def tickets_of(body: bytes, source: str) -> list[Ticket]:
    """The tickets on the page ``body`` of ``source``.

    Raises:
        MalformedAnswer: it is no page of tickets.
    """
    with expecting("page of tickets", source):
        listed = msgspec.json.decode(body, type=list[dict[str, Any]])
        if not all("id" in fields for fields in listed):
            raise MalformedAnswer(source, "has a ticket without an id.")
        return [Ticket(msgspec.convert(fields["id"], int), fields) for fields in listed]
