"""Which elements and rows somebody means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.element import ElementKey, RowKey, TypeRegistry
from gridmask.domain.errors import Ambiguous, InvalidRequest, NotKnown
from gridmask.domain.vo import ALL
from gridmask.store import elements

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element


@dataclass(frozen=True, slots=True)
class ElementName:
    """An element as people call it: by name, and by type and family where the name alone could mean several."""

    name: str
    type: str | None = None
    family: str | None = None

    def __str__(self) -> str:
        return f"{self.type} {self.name}" if self.type else self.name


@dataclass(frozen=True, slots=True)
class RowName:
    """A row as people call it. ``status_type`` None: every one that its type has."""

    element: ElementName
    status_type: str | None = None
    vo: str = ALL


async def find(connection: AsyncConnection, called: ElementName) -> Element:
    """The element that is ``called`` so.

    Raises:
        NotKnown: there is none in the inventory.
        Ambiguous: there are several.
    """
    found = await elements.named(connection, called.name, called.type, called.family)
    if not found:
        raise NotKnown(called.type or "element", called.name, await elements.names(connection, called.type))
    if len(found) > 1:
        raise Ambiguous(f"{called.name!r}", (f"{e.key.family} of type {e.key.type}" for e in found))
    return found[0]


def row_keys(element: ElementKey, called: RowName, types: TypeRegistry) -> tuple[RowKey, ...]:
    """The rows of ``element`` that are ``called`` so.

    Raises:
        NotKnown: its type has no such status type.
    """
    declared = types.status_types(element)
    if called.status_type is None:
        return tuple(RowKey(element, status_type, called.vo) for status_type in declared)
    if called.status_type not in declared:
        raise NotKnown(f"status type of {element.type}", called.status_type, declared)
    return (RowKey(element, called.status_type, called.vo),)


def require_text(text: str, what: str) -> str:
    """``text`` without surrounding space.

    Raises:
        InvalidRequest: nothing is left.
    """
    stripped = text.strip()
    if not stripped:
        raise InvalidRequest(f"{what} is needed; those who come after you will want to know.")
    return stripped
