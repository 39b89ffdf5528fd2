"""Versions of elements: what masks depend on of each, and from which revision on it was so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from gridmask.store.elements import in_parts
from gridmask.store.tables import element_versions as versions
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element

KEPT: Final = "kept"
"""Written down when it came to be so: it was so from this revision on."""

LATEST: Final = "latest"
"""Of before migration 0006: what it was then, without an edit that made a revision in between. VOs that left since may have
seen otherwise: edits that concerned them alone made none."""

GUESS: Final = "guess"
"""Of before migration 0006: what it was then, after an edit. It may have been otherwise."""


class Version(NamedTuple):
    """What masks depend on of an element in the inventory; ``basis`` is :data:`KEPT`, :data:`LATEST` or :data:`GUESS`."""

    element_id: int
    site: str
    category: str
    in_service: bool
    offered: frozenset[str]
    basis: str = KEPT


_SAID = (versions.c.site, versions.c.category, versions.c.in_service, versions.c.offered)


Edit = dict[str, Any]
"""Another version of an element, as columns."""


def edited(version: Version | None, element: Element) -> bool:
    """Whether ``element`` is not what ``version`` of it says; None: that it is not in the inventory."""
    return version is None or _of(version.element_id, element) != version._replace(basis=KEPT)


async def edits(connection: AsyncConnection, saved: Mapping[int, Element], taken_out: Iterable[int]) -> list[Edit]:
    """What is other than before of ``saved`` elements, by id, and of those ``taken_out``."""
    gone = frozenset(taken_out)
    last = await _last(connection, {*saved, *gone})
    listed = [_of(number, element) for number, element in saved.items() if number not in gone]
    rows = [_columns(version, listed=True) for version in listed if last.get(version.element_id) != version]
    return rows + [_columns(last[number], listed=False) for number in sorted(gone & last.keys())]


async def save(connection: AsyncConnection, edited: Iterable[Edit], revision: int) -> None:
    """Keep what was edited; from ``revision`` on it is so."""
    told = [{**edit, "revision": revision} for edit in edited]
    # the migration may have told what there is from the next revision on
    await upsert(connection, versions, told, key=("element_id", "revision"))


async def note(connection: AsyncConnection, held: dict[int, Version], after: int, until: int) -> None:
    """Bring ``held``, the versions as of revision ``after``, to ``until``; what is not in the inventory then is left out."""
    question = select(versions.c.element_id, *_SAID, versions.c.basis, versions.c.listed)
    question = question.where(versions.c.revision > after, versions.c.revision <= until).order_by(versions.c.revision)
    for *said, listed in await connection.execute(question):
        version = Version(*said)
        if listed:
            held[version.element_id] = version
        else:
            held.pop(version.element_id, None)


def _of(element_id: int, element: Element) -> Version:
    return Version(element_id, element.site, element.category, element.in_service, element.offered)


async def _last(connection: AsyncConnection, ids: Iterable[int]) -> Mapping[int, Version]:
    """The last version of each of these elements that is in the inventory by it. Whatever its basis, it is how it is now."""
    found: dict[int, Version] = {}
    for part in in_parts(ids):
        newest = select(versions.c.element_id, func.max(versions.c.revision).label("revision"))
        newest = newest.where(versions.c.element_id.in_(part)).group_by(versions.c.element_id)
        found |= {version.element_id: version for version in await _at(connection, newest.subquery())}
    return found


async def _at(connection: AsyncConnection, newest: sa.Subquery) -> list[Version]:
    same = (versions.c.element_id == newest.c.element_id) & (versions.c.revision == newest.c.revision)
    question = select(versions.c.element_id, *_SAID).join(newest, same).where(versions.c.listed)
    return [Version(*row) for row in await connection.execute(question)]


def _columns(version: Version, *, listed: bool) -> Edit:
    return {**version._asdict(), "listed": listed}
