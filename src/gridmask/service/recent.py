"""What happened of late: the changes of a VO's mask, those together that are one happening."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gridmask.domain.element import ElementKey
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.store import history

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos

MOST = 2000
"""So many changes are looked through; of more, the last."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to some rows at once, for one reason.

    Attributes:
        revision: by which revision; 0 where there was none here.
        at: when.
        actor: who did it.
        kind: of what kind the change is, as the history has it.
        old: what they were; None: they were not.
        new: what they became; None: they ended.
        reason: why, in words; empty where nobody said.
        sites: where they are.
        rows: by element, the status types that changed.
    """

    revision: int
    at: datetime
    actor: str
    kind: str
    old: Status | None
    new: Status | None
    reason: str
    sites: tuple[str, ...]
    rows: dict[ElementKey, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Recently:
    """What happened since a moment, the last first; ``whole``: whether that is all."""

    happenings: tuple[Happening, ...]
    whole: bool


class Recent:
    """The use case around what happened of late."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def of(self, vo: str, since: timedelta) -> Recently:
        """What happened to rows of ``vo`` itself, and to those of ``all`` of what is offered to it, since so long ago."""
        name = await self._vos.resolve(vo)
        async with self._inspector.database.reading() as connection:
            found = await history.of_vos(connection, {name, ALL}, self._inspector.clock() - since, MOST)
        told = [change for change in found if _concerns(change, name)]
        return Recently(tuple(happenings(_of_interest(told))), len(found) < MOST)


def happenings(changes: Iterable[sa.Row[Any]]) -> list[Happening]:
    """``changes``, those together that one revision made for one reason; in their order."""
    together: dict[tuple[object, ...], list[sa.Row[Any]]] = {}
    for change in changes:
        together.setdefault((change.revision, change.old, change.new, change.actor, _reason(change)), []).append(change)
    return [_happening(alike) for alike in together.values()]


def _happening(alike: list[sa.Row[Any]]) -> Happening:
    rows: dict[ElementKey, tuple[str, ...]] = {}
    for change in reversed(alike):
        key = ElementKey(change.family, change.type, change.name)
        rows[key] = tuple(dict.fromkeys((*rows.get(key, ()), change.status_type)))
    one = alike[0]
    sites = tuple(sorted({change.site for change in alike if change.site}))
    old, new = (None if status is None else Status(status) for status in (one.old, one.new))
    return Happening(one.revision or 0, one.at, one.actor, one.kind, old, new, _reason(one), sites, rows)


def _concerns(change: sa.Row[Any], vo: str) -> bool:
    """Whether it is a row that ``vo`` sees: what becomes of that which is offered to others alone is none of its business."""
    return vo in {ALL, change.vo} or not change.offered or vo in change.offered


def _of_interest(changes: Iterable[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """``changes`` without those of ``all`` that a VO's own row repeats in the same revision."""
    changes = list(changes)
    own = {_place(change) for change in changes if change.vo != ALL}
    return [change for change in changes if change.vo != ALL or _place(change) not in own]


def _place(change: sa.Row[Any]) -> tuple[object, ...]:
    return change.revision, change.element_id, change.status_type


def _reason(change: sa.Row[Any]) -> str:
    return change.reasons[0].text if change.reasons else ""
