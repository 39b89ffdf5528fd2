"""What a client of DIRAC wants rows to be, and which rows that means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.element import Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.errors import Ambiguous, InvalidRequest, NotKnown
from gridmask.domain.row import Rows
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.vo import ALL
from gridmask.service.offers import require_offered
from gridmask.service.selection import MOST_ROWS
from gridmask.service.tokens import CUSTOMARY, Wanted
from gridmask.store import elements, statuses
from gridmask.store.dirac_views.names import QUALIFIED, Names, told_apart

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.status import Status

_MOST_PARTS = 4
"""A type has fewer signs in it that could stand between it and a name."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants rows to be.

    Attributes:
        family: of which family the elements are.
        names: what they are called.
        status_types: which of their rows; empty: all that they have.
        vo: for whom; None: for everyone, VOs with rows of their own included.
        type: what the client says that they are; empty: nothing.
        status: what they are to be; None: what they are.
        reason: why.
        owner: in whose name they are held; empty: the actor's. ``release`` instead: they are automation's again.
        wanted: for how long.
        holds: whether anything is said of who holds them, or for how long.
    """

    family: str
    names: tuple[str, ...]
    status_types: tuple[str, ...] = ()
    vo: str | None = ALL
    type: str = ""
    status: Status | None = None
    reason: str = ""
    owner: str = ""
    release: bool = False
    wanted: Wanted = CUSTOMARY
    holds: bool = False


async def present(connection: AsyncConnection, wish: Wish, known: TypeRegistry) -> dict[str, Element]:
    """The elements in the inventory that ``wish`` names, by what it calls them.

    Raises:
        Ambiguous: a name could mean several.
    """
    sharing = await elements.called(connection, {part for name in wish.names for part in _parts(name)})
    names = await _names(connection, sharing.values())
    by_name: dict[str, list[Element]] = {}
    for element in (element for some in sharing.values() for element in some if element.key.family == wish.family):
        for called in {element.key.name, names.of(element.key)}:
            by_name.setdefault(called, []).append(element)
    found: dict[str, Element] = {}
    for name in wish.names:
        meant = [element for element in by_name.get(name, ()) if names.means(element.key, name, wish.type)]
        meant = [element for element in meant if element.key.type == wish.type] or meant
        meant = [one for one in meant if {*wish.status_types} <= {*known.status_types(one.key)}] or meant
        if len(meant) > 1:
            raise Ambiguous(f"{name!r}", (f"ElementType {element.key.type}" for element in meant))
        if meant:
            found[name] = meant[0]
    return found


def _parts(name: str) -> list[str]:
    """The names by which an element may be kept that is called ``name``."""
    ends = [place for place, letter in enumerate(name) if letter == QUALIFIED and place]
    return [name, *(name[:end] for end in ends[-_MOST_PARTS:])]


async def _names(connection: AsyncConnection, sharing: Iterable[Sequence[Element]]) -> Names:
    """What elements are called; ``sharing`` are all of the inventory that have some names."""
    groups = [[element.key for element in some] for some in sharing if len(some) > 1]
    ids = await elements.ids(connection, [key for some in groups for key in some])
    rows = group(await statuses.load(connection, ids.values())) if ids else {}
    of_all = ([(key, {aspect for aspect, vo in rows.get(key, NO_ROWS) if vo == ALL}) for key in some] for some in groups)
    return told_apart(of_all)


async def rows_of(
    connection: AsyncConnection, wish: Wish, known: TypeRegistry
) -> tuple[tuple[RowKey, ...], dict[ElementKey, Rows]]:
    """The rows that ``wish`` means, and all that these elements have.

    Raises:
        NotKnown: there is no such element or status type. NotOffered: a VO may not use one. InvalidRequest: they are too many.
    """
    there = await present(connection, wish, known)
    _require_known(wish, there, await elements.names(connection, None) if len(there) < len({*wish.names}) else ())
    meant = list({element.key: element for element in there.values()}.values())
    ids = await elements.ids(connection, [element.key for element in meant])
    rows = group(await statuses.load(connection, ids.values()))
    keys: list[RowKey] = []
    for element in meant:
        if wish.vo is not None:
            require_offered(element, wish.vo)
        keys += _keys(element.key, wish, known.status_types(element.key), rows.get(element.key, NO_ROWS))
    if len(keys) > MOST_ROWS:
        raise InvalidRequest(f"These are {len(keys):,} rows; at most {MOST_ROWS:,} are dealt with at once. Nothing was done.")
    return tuple(keys), dict(rows)


def _require_known(wish: Wish, present: Collection[str], known: Iterable[str]) -> None:
    for name in wish.names:
        if name not in present:
            # what is called so may well be of another family
            raise NotKnown(f"element of the family {wish.family}", name, [other for other in known if other != name])


def _keys(element: ElementKey, wish: Wish, declared: Sequence[str], rows: Rows) -> list[RowKey]:
    for status_type in wish.status_types:
        if status_type not in declared:
            raise NotKnown(f"status type of {element.type}", status_type, declared)
    aspects = wish.status_types or tuple(declared)
    if wish.vo is not None:
        return [RowKey(element, aspect, wish.vo) for aspect in aspects]
    # for everyone: for all, and for each VO that has a row of its own there
    owners = {aspect: sorted({vo for status_type, vo in rows if status_type == aspect} | {ALL}) for aspect in aspects}
    return [RowKey(element, aspect, vo) for aspect in aspects for vo in owners[aspect]]
