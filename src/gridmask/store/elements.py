"""Elements in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import CompoundSelect, Row, delete, func, literal, or_, select, union_all, update

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.naming import Target, handle, named_by
from gridmask.domain.naming import handles as handles_of
from gridmask.store.tables import element_handles, element_versions, elements
from gridmask.store.upsert import insert_all, upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

KEY = (elements.c.family, elements.c.type, elements.c.name)
_CHUNK = 250

T = TypeVar("T", int, str)


def element_of(row: Row[*tuple[Any, ...]]) -> Element:
    """The element that ``row``, a whole one of the table, holds."""
    # by position: to ask a row for its columns by name costs more than all the rest
    _, family, type_, name, *said, _, _, _ = row
    site, category, in_service, offered, *others = said
    return Element(ElementKey(family, type_, name), site, offered, in_service, category, *others)


def key_of(row: Row[*tuple[Any, ...]]) -> ElementKey:
    """The identity of the element that ``row`` holds or is about."""
    return ElementKey(row.family, row.type, row.name)


async def ids(connection: AsyncConnection, keys: Iterable[ElementKey] | None) -> dict[ElementKey, int]:
    """The ids of the elements called ``keys``, taken out or not; those that never were are left out. None: of all."""
    question = select(elements.c.id, *KEY)
    return {ElementKey(family, type_, name): number for number, family, type_, name in await _of(connection, question, keys)}


async def keys(connection: AsyncConnection, numbers: Iterable[int]) -> frozenset[ElementKey]:
    """The identities of the elements with these ids."""
    found = [await connection.execute(select(*KEY).where(elements.c.id.in_(part))) for part in in_parts(numbers)]
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


def handles(name: str) -> CompoundSelect[tuple[str]]:
    """The strings that the elements called ``name`` go by, as a subquery; ``name`` itself among them."""
    others = select(element_handles.c.handle).join(elements).where(elements.c.name == name)
    return union_all(select(literal(name)), others)


async def last_change(connection: AsyncConnection) -> int:
    """The last revision at which anything about elements changed on which masks depend; 0: there is none yet."""
    return await connection.scalar(select(func.max(element_versions.c.revision))) or 0


async def all_keys(connection: AsyncConnection) -> list[ElementKey]:
    """The identities of all elements in the inventory, in order."""
    found = await connection.execute(select(*KEY).where(elements.c.taken_out_at.is_(None)))
    return sorted(ElementKey(*row) for row in found)


async def load(connection: AsyncConnection, keys: Iterable[ElementKey] | None = None) -> dict[ElementKey, Element]:
    """The elements called ``keys`` that are in the inventory; None: all."""
    return (await find(connection, keys))[1]


async def beginning(connection: AsyncConnection, prefixes: Mapping[str, Iterable[str]]) -> dict[ElementKey, Element]:
    """The elements in the inventory of which each of these columns begins with one of the strings for it.

    There may be others among them, whose case alone differs: there, databases differ.
    """
    question = select(elements).where(elements.c.taken_out_at.is_(None))
    for column, strings in prefixes.items():
        begins = (elements.c[column].startswith(string, autoescape=True) for string in sorted(strings))
        question = question.where(or_(*begins))
    return {element.key: element for element in map(element_of, await connection.execute(question))}


async def named(
    connection: AsyncConnection, name: str, type_: str | None, family: str | None, *, gone: bool = False
) -> list[Element]:
    """The elements in the inventory with this name, of this type and family; None: of any. ``gone``: those taken out."""
    there = elements.c.taken_out_at.is_not(None) if gone else elements.c.taken_out_at.is_(None)
    question = select(elements).where(there, elements.c.name == name)
    if type_ is not None:
        question = question.where(elements.c.type == type_)
    if family is not None:
        question = question.where(elements.c.family == family)
    return [element_of(row) for row in await connection.execute(question.order_by(*KEY))]


async def called(connection: AsyncConnection, names_: Iterable[str]) -> dict[str, list[Element]]:
    """By name, the elements in the inventory with these names."""
    found: dict[str, list[Element]] = {}
    for part in in_parts(frozenset(names_)):
        question = select(elements).where(elements.c.taken_out_at.is_(None), elements.c.name.in_(part)).order_by(*KEY)
        for element in map(element_of, await connection.execute(question)):
            found.setdefault(element.key.name, []).append(element)
    return found


async def names(connection: AsyncConnection, type_: str | None) -> list[str]:
    """The names in the inventory, of elements of this type; None: of any."""
    question = select(elements.c.name).where(elements.c.taken_out_at.is_(None)).distinct()
    return list(await connection.scalars(question if type_ is None else question.where(elements.c.type == type_)))


async def at_site(connection: AsyncConnection, site: str) -> list[ElementKey]:
    """The site, and what belongs to it."""
    question = select(*KEY).where(elements.c.taken_out_at.is_(None), elements.c.site == site)
    return [key_of(row) for row in await connection.execute(question)]


async def at_sites(connection: AsyncConnection, sites: Iterable[str]) -> frozenset[ElementKey]:
    """The sites, and what belongs to them; nothing that belongs to none."""
    found: set[ElementKey] = set()
    for part in in_parts(frozenset(sites) - {""}):
        question = select(*KEY).where(elements.c.taken_out_at.is_(None), elements.c.site.in_(part))
        found.update(key_of(row) for row in await connection.execute(question))
    return frozenset(found)


async def page(connection: AsyncConnection, where: Mapping[str, str], cursor: int, limit: int) -> list[tuple[int, Element]]:
    """Up to ``limit`` elements in the inventory with these columns, by id, from after ``cursor``."""
    question = select(elements).where(elements.c.taken_out_at.is_(None), elements.c.id > cursor)
    for column, value in where.items():
        question = question.where(elements.c[column] == value)
    found = await connection.execute(question.order_by(elements.c.id).limit(limit))
    return [(row.id, element_of(row)) for row in found]


async def save(connection: AsyncConnection, elements_: Iterable[Element], now: datetime) -> None:
    """Keep elements, new, edited or returned."""
    saved = list(elements_)
    rows = [_columns(element, now) for element in saved]
    await upsert(connection, elements, rows, key=("family", "type", "name"), keep=("known_since", "renamed_to"))
    await _save_handles(connection, {element.key: element for element in saved})


async def _save_handles(connection: AsyncConnection, saved: Mapping[ElementKey, Element]) -> None:
    numbers = await ids(connection, saved)
    for part in in_parts(numbers.values()):
        await connection.execute(delete(element_handles).where(element_handles.c.element_id.in_(part)))
    rows = [
        {"element_id": number, "handle": handle}
        for key, number in numbers.items()
        for handle in sorted({*handles_of(saved[key])} - {key.name})
    ]
    await insert_all(connection, element_handles, rows)


async def take_out(connection: AsyncConnection, keys: Iterable[ElementKey], now: datetime) -> None:
    """Note that elements are no longer in the inventory."""
    for part in in_parts((await ids(connection, keys)).values()):
        await connection.execute(update(elements).where(elements.c.id.in_(part)).values(taken_out_at=now))


async def note_renaming(connection: AsyncConnection, renamed: Mapping[ElementKey, ElementKey]) -> None:
    """Note what elements are now: by the key that each had, the key that it has."""
    numbers = await ids(connection, {*renamed, *renamed.values()})
    for before, after in renamed.items():
        now_is = update(elements).where(elements.c.id == numbers[before]).values(renamed_to=numbers[after])
        await connection.execute(now_is)


async def lineage(connection: AsyncConnection, key: ElementKey) -> list[int]:
    """The ids of the element ``key``, first, and of what it was before it was called so."""
    found = list((await ids(connection, [key])).values())
    newest = found
    while newest:
        question = select(elements.c.id).where(elements.c.renamed_to.in_(newest), elements.c.id.not_in(found))
        newest = list(await connection.scalars(question))
        found += newest
    return found


async def meant_by(connection: AsyncConnection, targets: Iterable[Target]) -> frozenset[ElementKey]:
    """The elements in the inventory that ``targets`` mean."""
    wanted = frozenset(targets)
    found: dict[ElementKey, Element] = {}
    for part in in_parts({handle(target) for target in wanted}):
        also = select(element_handles.c.element_id).where(element_handles.c.handle.in_(part))
        either = or_(elements.c.name.in_(part), elements.c.id.in_(also))
        rows = await connection.execute(select(elements).where(elements.c.taken_out_at.is_(None), either))
        found |= {element.key: element for element in map(element_of, rows)}
    return frozenset(named_by(wanted, found))


async def _of(connection: AsyncConnection, question: Any, keys: Iterable[ElementKey] | None) -> list[Row[*tuple[Any, ...]]]:  # noqa: ANN401
    if keys is None:
        return list(await connection.execute(question))
    wanted = frozenset(keys)
    # by name alone, for which there is an index that every database uses; a name seldom means two elements
    parts = in_parts({key.name for key in wanted})
    found = [row for part in parts for row in await connection.execute(question.where(elements.c.name.in_(part)))]
    return [row for row in found if row[1:4] in wanted]


def in_parts(values: Iterable[T]) -> list[list[T]]:
    """``values`` in order, in parts that fit into a statement."""
    ordered = sorted(values)
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]


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
        "services": element.services,
        "identity": element.identity,
        "elsewhere": element.elsewhere,
        "renamed_to": None,
        "known_since": now,
        "taken_out_at": None,
    }
