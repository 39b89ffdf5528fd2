"""What several nouns say alike: elements, reasons, tokens; and how rows and elements are named when one asks about them.

An answer can have members that these do not know of, since the server is newer: they are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time, aware, in UTC."""

Status = Literal["Error", "Banned", "Probing", "Degraded", "Active", "Unknown"]
"""A status, as it is asked for. In answers it is a text, since a newer server may know others."""

Purpose = Literal["use", "test"]
Mode = Literal["full", "exclude-only", "observe-only", "off"]
Role = Literal["reader", "reporter", "operator", "author", "administrator"]

Pattern = Mapping[str, str | Sequence[str]]
"""Patterns by key, as in the match of a policy."""

NULL = msgspec.Raw(b"null")
"""Says that something is none, where to say nothing would mean something else."""

MOST = 1000
"""So many of a list come in a page at most."""


class Said(msgspec.Struct, frozen=True):
    """Something that the server says."""


class ElementId(Said, frozen=True):
    """The identity of an element."""

    family: str
    type: str
    name: str


class Reason(Said, frozen=True):
    """Why: ``kind`` for programs, ``text`` for people; and where the evidence can be found."""

    kind: str
    text: str
    source: str | None = None
    record: str | None = None
    url: str | None = None
    since: Moment | None = None
    until: Moment | None = None


class Token(Said, frozen=True):
    """Who holds a row, and until when. ``until`` None: until it is released. ``agreed``: or until automation agrees."""

    owner: str
    until: Moment | None
    agreed: bool
    review_at: Moment | None = None


class RowLike(Protocol):
    """A row that some answer told."""

    @property
    def family(self) -> str: ...  # noqa: D102 - of an element
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def status_type(self) -> str: ...  # noqa: D102
    @property
    def vo(self) -> str: ...  # noqa: D102


class Named(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rows of the element called ``name``, of a VO; without a status type, all that it has."""

    name: str
    vo: str = "all"
    type: str | None = None
    family: str | None = None
    status_type: str | None = None

    @classmethod
    def of(cls, row: RowLike) -> Named:
        """The very row that an answer told."""
        return cls(row.name, row.vo, row.type, row.family, row.status_type)


class Matching(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rows of every element that agrees with ``match``, of a VO."""

    match: Pattern
    vo: str = "all"
    type: str | None = None
    family: str | None = None
    status_type: str | None = None


class ElementName(msgspec.Struct, frozen=True, omit_defaults=True):
    """An element by name; and by type and family, where the name alone could mean several."""

    name: str
    type: str | None = None
    family: str | None = None


def elements(named: Iterable[str | ElementName]) -> Sequence[ElementName]:
    """Elements, of which a text is the name."""
    return [ElementName(one) if isinstance(one, str) else one for one in named]
