"""Masks: what each VO may use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, overload

import msgspec

from gridmask_client.answer import Answer, Json, Versioned, raw
from gridmask_client.call import Call, Listing, get, listing, unless
from gridmask_client.shapes import ElementId, Moment, Purpose, Reason, Said

Format = Literal["json", "text", "vo-feed", "usable-sites", "ssb"]
Whose = Literal["then", "now"]

T = TypeVar("T")

_ROUTE = "/api/v1/masks"
_ONE = f"{_ROUTE}/{{vo}}"


class MaskListed(Said, frozen=True):
    """A VO, and the last revision that changed its mask."""

    vo: str
    revision: int


class Masks(Said, frozen=True):
    """All masks; ``checked_at``: since when they are known to be up to date."""

    masks: tuple[MaskListed, ...]
    checked_at: Moment | None


class MaskElement(ElementId, frozen=True):
    """What a mask says about an element: its status by status type."""

    site: str
    status: dict[str, str]


class WholeMask(Said, frozen=True):
    """A VO's mask. Of the past: ``at`` is the moment, and ``unsure`` are elements that were edited since.

    ``mark``: by which its revision is told apart from one of another past, as of a database before it was restored.
    """

    vo: str
    revision: int
    elements: tuple[MaskElement, ...]
    at: Moment | None = None
    unsure: tuple[ElementId, ...] = ()
    mark: str = ""


class MaskDelta(Said, frozen=True):
    """What turns a VO's mask of revision ``since`` into that of ``revision``: what is new or other, and what is gone."""

    vo: str
    since: int
    revision: int
    elements: tuple[MaskElement, ...]
    gone: tuple[ElementId, ...]
    mark: str = ""


class ElementSaid(Said, frozen=True):
    """What a mask says about an element that was asked for by name; ``absence``: why it says nothing."""

    name: str
    family: str = ""
    type: str = ""
    site: str = ""
    status: Mapping[str, str] = msgspec.field(default_factory=dict)
    absence: str | None = None


class PartOfMask(Said, frozen=True):
    """What a VO's mask says about some elements, each for itself."""

    vo: str
    revision: int
    elements: tuple[ElementSaid, ...]


class RowJudged(ElementId, frozen=True):
    """A row as it was ``served``, and the ``status`` that it should have had."""

    site: str
    status_type: str
    served: str
    status: str
    asked: str
    by: tuple[str, ...]
    divergence: str | None
    why: str | None
    learnt_at: Moment | None
    owner: str | None
    reasons: tuple[Reason, ...]


class Hindsight(Said, frozen=True):
    """A VO's mask at a moment, judged again."""

    vo: str
    at: Moment
    known: Moment
    revision: int
    policies: str
    missed: int
    lost: int
    other: int
    rows: tuple[RowJudged, ...]
    unsure: tuple[ElementId, ...]


@dataclass(frozen=True, slots=True)
class Served(Versioned[T]):
    """A mask, with what its server says about it.

    Attributes:
        revision: the last that changed it.
        age: seconds since it was compared with the database, by the server's clock; None: it is of the past.
    """

    revision: int | None = None
    age: int | None = None


@dataclass(frozen=True, slots=True)
class _Mask(Generic[T]):
    read: Callable[[Answer], T]

    def __call__(self, answer: Answer) -> Served[T]:
        numbers = (answer.number(header) for header in ("gridmask-revision", "age"))
        return Served(self.read(answer), answer.headers.get("etag", ""), *numbers)


def list() -> Listing[Masks, MaskListed]:
    """All VOs, and ``all``, the installation's own view; with the revision of each one's mask."""
    return listing(_ROUTE, Json(Masks), lambda page: page.masks)


@overload
def read(vo: str, *, purpose: Purpose | None = None, at: datetime | int | None = None) -> Call[Served[WholeMask]]: ...
@overload
def read(
    vo: str, *, purpose: Purpose | None = None, at: datetime | int | None = None, have: str
) -> Call[Served[WholeMask] | None]: ...
def read(vo: str, *, purpose: Purpose | None = None, at: datetime | int | None = None, have: str = "") -> Call[Any]:
    """A VO's whole mask.

    Args:
        vo: the VO, by its name or an alias, or ``all``.
        purpose: only what may be used for this: ``use``, or ``test``, for which ``Probing`` will do. Else every row.
        at: as it was at this moment, or after this revision; else as it is.
        have: the entity tag of what you have; if that is what there is, the answer is None.
    """
    return unless(get(_ONE, _Mask(Json(WholeMask)), {"purpose": purpose, "at": at}, vo=vo), have)


@overload
def document(
    vo: str, format: Format, *, purpose: Purpose | None = None, at: datetime | int | None = None
) -> Call[Served[bytes]]: ...
@overload
def document(
    vo: str, format: Format, *, purpose: Purpose | None = None, at: datetime | int | None = None, have: str
) -> Call[Served[bytes] | None]: ...
def document(
    vo: str, format: Format, *, purpose: Purpose | None = None, at: datetime | int | None = None, have: str = ""
) -> Call[Any]:
    """A VO's whole mask in a format, as bytes. The other arguments are those of :func:`read`."""
    query = {"format": format, "purpose": purpose, "at": at}
    return unless(get(_ONE, _Mask(raw), query, vo=vo), have)


@overload
def delta(vo: str, since: str) -> Call[Served[MaskDelta]]: ...
@overload
def delta(vo: str, since: str, *, have: str) -> Call[Served[MaskDelta] | None]: ...
def delta(vo: str, since: str, *, have: str = "") -> Call[Any]:
    """What changed in a VO's mask.

    Args:
        vo: the VO, by its name or an alias, or ``all``.
        since: the revision that you have, with its mark, as in ``42-3f9a0c5be1d27846``.
        have: the entity tag of what you have; if that is what there is, the answer is None.

    Raises:
        NotResumable: when carried out, if nothing leads from there to here. Read the whole mask then.
    """
    return unless(get(f"{_ONE}/delta", _Mask(Json(MaskDelta)), {"since": since}, vo=vo), have)


def about(vo: str, names: Iterable[str], *, purpose: Purpose | None = None) -> Listing[PartOfMask, ElementSaid]:
    """What a VO's mask says about the elements called ``names``, up to 1,000, each for itself; or why it says nothing."""
    return listing(_ONE, Json(PartOfMask), lambda page: page.elements, {"name": names, "purpose": purpose}, vo=vo)


def hindsight(
    vo: str,
    at: datetime,
    *,
    known: datetime | None = None,
    policies: Whose = "then",
    differences: bool = False,
) -> Listing[Hindsight, RowJudged]:
    """Each row of a VO's mask as it was served at a moment, beside what it should have been by what became known since.

    Args:
        vo: the VO.
        at: the moment.
        known: judge by what was known then; else by what is known now.
        policies: by those in force at the moment, or by those of now.
        differences: only the rows that were served otherwise.
    """
    query = {"at": at, "known": known, "policies": policies, "differences": differences}
    return listing(f"{_ONE}/hindsight", Json(Hindsight), lambda page: page.rows, query, vo=vo)
