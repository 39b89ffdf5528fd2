"""What somebody asks a matrix for: which of its elements, in what groups and order, in how much detail."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Query

from gridmask.domain.status import Purpose, usable
from gridmask.portal.drawing.marks import Mark, marks

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row

AUTOMATION = "automation"
"""As an owner: nobody, so that automation decides."""

PEOPLE = "people"
"""As an owner: any person."""

Choice = Literal["", "yes"]
StatusChoice = Literal["", "Active", "Degraded", "Probing", "Banned", "Error", "Unknown"]
PurposeChoice = Literal["", "use", "test"]
MarkChoice = Literal["", "held", "damped", "taken"]
Group = Literal["", "site", "country", "type", "none"]
Sort = Literal["", "name", "site", "status", "since"]
Level = Literal["", "site"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which elements to show. Empty: everything."""

    q: str = ""
    status: str = ""
    type: str = ""
    unusable: str = ""
    mark: str = ""
    purpose: str = ""
    owner: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def accepts(self, element: Element, rows: Collection[Row], country: str = "") -> bool:
        """Whether ``element``, of which these rows are seen, is shown; ``country``: where it is."""
        if self.type and element.key.type != self.type:
            return False
        if self.status and all(row.status.label != self.status for row in rows):
            return False
        if self.unusable and all(usable(row.status, self.judged_for) for row in rows):
            return False
        if self.mark and all(Mark(self.mark) not in marks(row) for row in rows):
            return False
        if self.owner and not any(_is_held_by(row, self.owner) for row in rows):
            return False
        return not self.q or any(self.q.casefold() in name.casefold() for name in (*_names(element), country))

    @property
    def judged_for(self) -> Purpose:
        """The purpose for which things are usable or not."""
        return Purpose.parse(self.purpose or Purpose.USE.value)


@dataclass(frozen=True, slots=True)
class View:
    """How to show them. Empty: by site; the order in which somebody looks who has no question; every element."""

    group: Group = ""
    sort: Sort = ""
    level: Level = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for."""

    filters: Filters = field(default_factory=Filters)
    view: View = field(default_factory=View)

    @property
    def said(self) -> Mapping[str, str]:
        """It as the parameters of an address."""
        return {**asdict(self.filters), **asdict(self.view)}


async def asked(  # noqa: PLR0913, PLR0917 - each is a parameter in the address
    q: Annotated[str, Query(max_length=255)] = "",
    status: StatusChoice = "",
    type: Annotated[str, Query(max_length=64)] = "",  # noqa: A002 - its name in the address
    unusable: Choice = "",
    mark: MarkChoice = "",
    purpose: PurposeChoice = "",
    owner: Annotated[str, Query(max_length=255)] = "",
    group: Group = "",
    sort: Sort = "",
    level: Level = "",
) -> Asked:
    """What is asked for by these parameters."""
    return Asked(Filters(q.strip(), status, type, unusable, mark, purpose, owner), View(group, sort, level))


def _is_held_by(row: Row, owner: str) -> bool:
    held_by = row.token.owner if row.token else None
    return held_by == owner or (owner == AUTOMATION and held_by is None) or (owner == PEOPLE and held_by is not None)


def _names(element: Element) -> Iterator[str]:
    yield element.key.name
    yield element.site
    yield from element.aliases
    yield from element.hosts
