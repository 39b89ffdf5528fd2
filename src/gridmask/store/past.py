"""What there was at a past moment, made again from what is kept of rows and elements.

What masks depend on of elements is kept since migration 0006. Of before it, their changes tell when they came, were edited,
were taken out or got another name, but not what an edit changed: they are told as they were later, and told to be so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import null, select

from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.store import replay
from gridmask.store.elements import element_of
from gridmask.store.imported import BEFORE_ALL
from gridmask.store.tables import audit, changes, elements, vos
from gridmask.store.versions import GUESS, LATEST, Version
from gridmask.store.vos import VO_RETIRED, last_revision

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.pictures import RowId, State


@dataclass(frozen=True, slots=True)
class Scene:
    """What there was at a moment.

    Attributes:
        revision: the last revision that had been made.
        holdings: the elements that were there, each with as much of its rows as masks are made of.
        edited: those of them of which it is not kept what they were, and that were edited since: what they were offered to,
            their site and whether they were in service may have been otherwise.
        assumed: those of which it is not kept what they were, edited since or not: as ``edited``, if edits were not noted.
    """

    revision: int
    holdings: tuple[Holding, ...]
    edited: frozenset[ElementKey]
    assumed: frozenset[ElementKey] = frozenset()


async def terms(connection: AsyncConnection, vo: str) -> tuple[datetime, datetime | None] | None:
    """Since when ``vo`` is known, and when it left; None: it never was."""
    found = (await connection.execute(select(vos.c.known_since, vos.c.retired_at).where(vos.c.name == vo))).first()
    return (found.known_since, found.retired_at) if found else None


async def left_since(connection: AsyncConnection, vo: str, moment: datetime) -> bool:
    """Whether ``vo`` left after ``moment``, be it back or not: edits that concerned it alone are not noted while it is away."""
    said = (audit.c.action == VO_RETIRED) & audit.c.comment.startswith(f"{vo}: ", autoescape=True)
    return await connection.scalar(select(audit.c.id).where(said, audit.c.at > moment).limit(1)) is not None


async def revision_at(connection: AsyncConnection, moment: datetime) -> int:
    """The last revision that was made up to ``moment``; 0: none was."""
    low, high = 0, await last_revision(connection)
    # revisions have no gaps, and each was made after the one before it
    while low < high:
        middle = (low + high + 1) // 2
        made = await connection.scalar(select(audit.c.at).where(audit.c.revision == middle))
        low, high = (middle, high) if made is None or made <= moment else (low, middle - 1)
    return low


async def scene(connection: AsyncConnection, revision: int) -> Scene:
    """What there was after ``revision``."""
    picture = await replay.picture(connection, revision)
    return await _described(connection, revision, picture.rows, picture.versions)


async def scene_elsewhere(connection: AsyncConnection, moment: datetime) -> Scene:
    """What there was at ``moment``, by history that was made elsewhere. That tells of rows alone: elements are as now."""
    before = (changes.c.revision == BEFORE_ALL) & (changes.c.at <= moment)
    rows = await replay.last_states(connection, before)
    return await _described(connection, BEFORE_ALL, rows, dict.fromkeys((element_id for element_id, _, _ in rows), None))


async def _described(
    connection: AsyncConnection, revision: int, rows: Mapping[RowId, State], there: Mapping[int, Version | None]
) -> Scene:
    """The scene of ``rows`` and the elements that were ``there``; None: of which it is not known how they were."""
    known = {row[0]: element_of(row) for row in await connection.execute(select(*_WHOLE)) if row[0] in there}
    told = {number: _as_then(element, there[number]) for number, element in known.items()}
    slim: dict[int, dict[tuple[str, str], Row]] = {number: {} for number in told}
    for (number, status_type, vo), state in rows.items():
        if number in told:
            key = RowKey(told[number].key, status_type, vo)
            slim[number][status_type, vo] = Row(key, Standing(_STATUS[state.status], state.since), binding=state.binding)
    holdings = tuple(Holding(element, slim[number]) for number, element in told.items())
    bases = {told[number].key: version.basis if version else GUESS for number, version in there.items() if number in told}
    edited, assumed = (frozenset(key for key, basis in bases.items() if basis in which) for which in (_EDITED, _ASSUMED))
    return Scene(revision, holdings, edited, assumed)


# an element's own columns, and nothing in place of what is known about it: times are dear to read
_WHOLE = (*tuple(elements.c)[:-3], null(), null(), null())
_STATUS = {status.value: status for status in Status}
_EDITED = frozenset({GUESS})
_ASSUMED = frozenset({GUESS, LATEST})


def _as_then(element: Element, version: Version | None) -> Element:
    if version is None:
        return element
    _, site, category, in_service, offered, _ = version
    if (element.site, element.category, element.in_service, element.offered) == (site, category, in_service, offered):
        return element
    return replace(element, site=site, category=category, in_service=in_service, offered=offered)
