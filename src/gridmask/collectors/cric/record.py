"""One record of CRIC's: the members of a JSON object, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.record import NAME_LIMIT
from gridmask.domain.errors import InvalidRequest, MalformedAnswer
from gridmask.domain.vo import canonical

ACTIVE = "ACTIVE"

STATES = ("state", "site_state", "rc_site_state", "rcsite_state")
"""Where a record says in which state it, its site, and the site's resource centre are."""


@dataclass(frozen=True, slots=True)
class CricRecord:
    """The members of a record, and ``place``: what to call it when telling a person about it."""

    members: Mapping[str, Any]
    place: str

    def text(self, name: str, limit: int = NAME_LIMIT) -> str:
        """The text of the member ``name`` with its white space made single; empty where there is none.

        Raises:
            MalformedAnswer: it is no text, or longer than ``limit``.
        """
        said = self.members.get(name)
        if not isinstance(said, str | None):
            raise self.malformed(f"{name} is no text ({said!r:.60}).")
        text = " ".join((said or "").split())
        if len(text) > limit or not text.isprintable():
            raise self.malformed(f"{name} is no text of up to {limit:,} printable characters.")
        return text

    def brief(self, name: str, limit: int = NAME_LIMIT) -> str:
        """The text of a member that nothing depends on, cut after ``limit`` characters; empty where it is none."""
        said = self.members.get(name)
        return " ".join(said.split())[:limit] if isinstance(said, str) else ""

    def required(self, name: str) -> str:
        """The text of the member ``name``, which there must be.

        Raises:
            MalformedAnswer: there is none, or it is no text.
        """
        text = self.text(name)
        if not text:
            raise self.malformed(f"has no {name}.")
        return text

    def flag(self, name: str) -> bool:
        """Whether the member ``name`` is true.

        Raises:
            MalformedAnswer: it is neither true nor false.
        """
        said = self.members.get(name)
        if not isinstance(said, bool | None):
            raise self.malformed(f"{name} is {said!r:.60}; it must be true or false.")
        return bool(said)

    def children(self, name: str) -> Iterator[CricRecord]:
        """The records in the member ``name``: a list of them, or an object of them by name.

        Raises:
            MalformedAnswer: it is neither, or something in it is no record.
        """
        said = self.members.get(name)
        listed = list(said.values()) if isinstance(said, dict) else said or []
        if not isinstance(listed, list) or not all(isinstance(child, dict) for child in listed):
            raise self.malformed(f"{name} is no list of records.")
        for number, child in enumerate(listed, start=1):
            yield CricRecord(child, f"{name} {number} of {self.place}")

    def child(self, name: str) -> CricRecord:
        """The record in the member ``name``; an empty one, where that is none."""
        said = self.members.get(name)
        return CricRecord(said if isinstance(said, dict) else {}, f"{name} of {self.place}")

    def is_active(self, *names: str) -> bool:
        """Whether all that the members ``names`` say is that it is active; what is not told is.

        Raises:
            MalformedAnswer: one of them is no text.
        """
        return all(self.text(name).upper() in ("", ACTIVE) for name in names)

    def malformed(self, problem: str) -> MalformedAnswer:
        """The error that this record is not as it should be."""
        return MalformedAnswer(self.place, problem)


def in_service(record: CricRecord) -> bool:
    """Whether ``record``, its site and the site's resource centre are all active.

    Raises:
        MalformedAnswer: a state is no text.
    """
    return record.is_active(*STATES) and record.child("rcsite").is_active("state")


def vo_of(record: CricRecord) -> frozenset[str]:
    """The VO that ``record`` names as its own, if it names one.

    Raises:
        MalformedAnswer: no VO can have this name.
    """
    name = record.text("vo_name")
    try:
        return frozenset((canonical(name),)) if name else frozenset()
    except InvalidRequest as error:
        raise record.malformed(f"vo_name: {error}") from error


def records(body: bytes, source: str) -> dict[str, Any]:
    """The records of a document by their names; each may still be anything.

    Raises:
        MalformedAnswer: it is no such document.
    """
    with expecting("document of CRIC", source):
        found = msgspec.json.decode(body, type=dict[str, Any])
    if found.keys() & {"error", "errors"} and len(found) <= 3:
        raise MalformedAnswer(source, f"answers with an error: {str(found)[:200]}")
    return found
