"""Elements in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from gridmask.domain.element import Element, ElementKey
from gridmask.store.tables import elements
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

KEY = (elements.c.family, elements.c.type, elements.c.name)
_CHUNK = 250


def element_of(row: Row[*tuple[Any, ...]]) -> Element:
    """The element that ``row``, a whole one of the table, holds."""
    # by position: to ask a row for its columns by name costs more than all the rest
    _, family, type_, name, site, category, in_service, offered, hosts, aliases, tags, facts, source, *_ = row
    key = ElementKey(family, type_, name)
    return Element(key, site, offered, in_service, category, hosts, aliases, tags, facts, source)


def key_of(row: Row[*tuple[Any, ...]]) -> ElementKey:
    """The identity of the element that ``row`` holds or is about."""
    return ElementKey(row.family, row.type, row.name)


async def ids(connection: AsyncConnection, keys: Iterable[ElementKey] | None) -> dict[ElementKey, int]:
    """The ids of the elements called ``keys``, taken out or not; those that never were are left out. None: of all."""
    question = select(elements.c.id, *KEY)
    return {ElementKey(family, type_, name): number for number, family, type_, name in await _of(connection, question, keys)}


async def keys(connection: AsyncConnection, numbers: Iterable[int]) -> frozenset[ElementKey]:
    """The identities of the elements with these ids."""
    wanted = sorted(numbers)
    parts = [wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK)]
    found = [await connection.execute(select(*KEY).where(elements.c.id.in_(part))) for part in parts]
    return frozenset(key_of(row) for rows in found for row in rows)


async def find(
    connection: AsyncConnection, keys: Iterable[ElementKey] | None
) -> tuple[dict[ElementKey, int], dict[ElementKey, Element]]:
    """The ids of the elements called ``keys``, taken out or not, and those of them that are in the inventory. None: of all."""
    numbers, present = {}, {}
    for row in await _of(connection, select(elements), keys):
        element = element_of(row)
        numbers[element.key] = row[0]
        if row[-1] is None:
            present[element.key] = element
    return numbers, present


async def all_keys(connection: AsyncConnection) -> list[ElementKey]:
    """The identities of all elements in the inventory, in order."""
    found = await connection.execute(select(*KEY).where(elements.c.taken_out_at.is_(None)))
    return sorted(ElementKey(*row) for row in found)


async def load(connection: AsyncConnection, keys: Iterable[ElementKey] | None = None) -> dict[ElementKey, Element]:
    """The elements called ``keys`` that are in the inventory; None: all."""
    return (await find(connection, keys))[1]


async def named(connection: AsyncConnection, name: str, type_: str | None, family: str | None) -> list[Element]:
    """The elements in the inventory with this name, of this type and family; None: of any."""
    question = select(elements).where(elements.c.taken_out_at.is_(None), elements.c.name == name)
    if type_ is not None:
        question = question.where(elements.c.type == type_)
    if family is not None:
        question = question.where(elements.c.family == family)
    return [element_of(row) for row in await connection.execute(question.order_by(*KEY))]


async def names(connection: AsyncConnection, type_: str | None) -> list[str]:
    """The names in the inventory, of elements of this type; None: of any."""
    question = select(elements.c.name).where(elements.c.taken_out_at.is_(None)).distinct()
    return list(await connection.scalars(question if type_ is None else question.where(elements.c.type == type_)))


async def at_site(connection: AsyncConnection, site: str) -> list[ElementKey]:
    """The site, and what belongs to it."""
    question = select(*KEY).where(elements.c.taken_out_at.is_(None), elements.c.site == site)
    return [key_of(row) for row in await connection.execute(question)]


async def page(connection: AsyncConnection, where: Mapping[str, str], cursor: int, limit: int) -> list[tuple[int, Element]]:
    """Up to ``limit`` elements in the inventory with these columns, by id, from after ``cursor``."""
    question = select(elements).where(elements.c.taken_out_at.is_(None), elements.c.id > cursor)
    for column, value in where.items():
        question = question.where(elements.c[column] == value)
    found = await connection.execute(question.order_by(elements.c.id).limit(limit))
    return [(row.id, element_of(row)) for row in found]


async def save(connection: AsyncConnection, saved: Iterable[Element], now: datetime) -> None:
    """Keep elements, new, edited or returned."""
    rows = [_columns(element, now) for element in saved]
    await upsert(connection, elements, rows, key=("family", "type", "name"), keep=("known_since",))


async def take_out(connection: AsyncConnection, keys: Iterable[ElementKey], now: datetime) -> None:
    """Note that elements are no longer in the inventory."""
    numbers = sorted((await ids(connection, keys)).values())
    for start in range(0, len(numbers), _CHUNK):
        part = elements.c.id.in_(numbers[start : start + _CHUNK])
        await connection.execute(update(elements).where(part).values(taken_out_at=now))


async def _of(connection: AsyncConnection, question: Any, keys: Iterable[ElementKey] | None) -> list[Row[*tuple[Any, ...]]]:  # noqa: ANN401
    if keys is None:
        return list(await connection.execute(question))
    wanted = frozenset(keys)
    names = sorted({key.name for key in wanted})
    # by name alone, for which there is an index that every database uses; a name seldom means two elements
    parts = [names[start : start + _CHUNK] for start in range(0, len(names), _CHUNK)]
    found = [row for part in parts for row in await connection.execute(question.where(elements.c.name.in_(part)))]
    return [row for row in found if row[1:4] in wanted]


def _columns(element: Element, now: datetime) -> Mapping[str, Any]:
    return {
        "family": element.key.family,
        "type": element.key.type,
        "name": element.key.name,
        "site": element.site,
        "category": element.category,
        "in_service": element.in_service,
        "offered": element.offered,
        "hosts": element.hosts,
        "aliases": element.aliases,
        "tags": element.tags,
        "facts": element.facts,
        "source": element.source,
        "known_since": now,
        "taken_out_at": None,
    }
