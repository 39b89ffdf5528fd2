"""Renamed elements and what they were before: whose history the history of each is, for many elements at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from gridmask.store.elements import in_parts
from gridmask.store.history import RENAMED
from gridmask.store.tables import changes, elements

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Families:
    """Elements by what they are now.

    Attributes:
        asked: the ids of the elements of which something is asked.
        now: by id of what was renamed, the id of the one of these that it is.
        until: by id, the last revision in which it was that; what has its name since is another.
    """

    asked: frozenset[int]
    now: Mapping[int, int]
    until: Mapping[int, int]

    @property
    def members(self) -> frozenset[int]:
        """The ids of all whose history is part of the answer."""
        return self.asked | self.now.keys()

    def heirs(self, revision: int, number: int) -> Iterator[int]:
        """The id of the element, if any is asked about, that the element with the id ``number`` of ``revision`` is now."""
        if number in self.now and revision <= self.until.get(number, -1):
            yield self.now[number]
        elif number in self.asked and (number in self.now or revision > self.until.get(number, -1)):
            yield number


async def of(connection: AsyncConnection, asked: Collection[int]) -> Families:
    """What the elements with the ids ``asked`` were before they were called so."""
    renamed = select(elements.c.id, elements.c.renamed_to).where(elements.c.renamed_to.is_not(None))
    became: dict[int, int] = {record.id: record.renamed_to for record in await connection.execute(renamed)}
    earlier: dict[int, list[int]] = {}
    for number, heir in became.items():
        earlier.setdefault(heir, []).append(number)
    now: dict[int, int] = {}
    for heir in asked:
        newest = [heir]
        while newest:
            newest = [n for later in newest for n in earlier.get(later, ()) if n != heir and now.get(n) != heir]
            now.update(dict.fromkeys(newest, heir))
    # one that got its own name back was the same all the time; of others, what had the name before them is no part
    others = {number for number in asked if number in became and now.get(became[number]) != number}
    return Families(frozenset(asked), now, await _until(connection, now.keys(), others))


async def _until(connection: AsyncConnection, before: Collection[int], others: Collection[int]) -> dict[int, int]:
    """By id of each of these elements that was renamed, the last revision that did it.

    Of ``others``, those that have been nothing since are left out: what they were is all that they ever were.
    """
    renamed = func.max(case((changes.c.kind == RENAMED, changes.c.revision)))
    found: dict[int, int] = {}
    for part in in_parts({*before, *others}):
        which = changes.c.element_id.in_(part) & (changes.c.status_type == "") & (changes.c.vo == "")
        question = select(changes.c.element_id, renamed, func.max(changes.c.revision)).where(which)
        records = await connection.execute(question.group_by(changes.c.element_id))
        found |= {n: revision for n, revision, last in records if revision and (n in before or revision < last)}
    return found
