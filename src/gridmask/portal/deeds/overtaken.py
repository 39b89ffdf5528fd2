"""Overtaken: what others did to rows while somebody filled in a form about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.portal.deeds.rows import named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementKey, RowKey


@dataclass(frozen=True, slots=True)
class Overtaking:
    """That somebody changed rows of an element: from what to what, when and why; ``aspects`` are their status types.

    ``old`` and ``new`` None: they were, or are, not there. ``owner``: who holds them since; empty: nobody.
    """

    element: ElementKey
    aspects: tuple[str, ...]
    old: Status | None
    new: Status | None
    actor: str
    at: datetime
    why: str
    owner: str
    revision: int


async def overtaken(gridmask: Installation, rows: Iterable[RowKey], seen: int, most: int) -> tuple[Overtaking, ...]:
    """What became of ``rows`` after the revision ``seen``: of each the last change, of ``most`` rows."""
    found: dict[tuple[Any, ...], list[str]] = {}
    now_are = await gridmask.statuses.rows(rows)
    for row in [one.row.key._replace(vo=one.vo) for one in now_are if one.row.revision > seen][:most]:
        [name] = named([row])
        changes = await gridmask.statuses.history(name, limit=1)
        for change in changes:
            if change.revision is not None and change.revision > seen:
                said = " ".join(reason.text for reason in change.reasons)
                old, new = (None if status is None else Status(status) for status in (change.old, change.new))
                if old is None:
                    # a row that began then was that of all before
                    old = next((one.row.status for one in await gridmask.statuses.rows([row._replace(vo=ALL)])), None)
                told = (old, new, change.actor, change.at, said, change.token_owner or "", change.revision)
                found.setdefault((row.element, *told), []).append(row.status_type)
    return tuple(Overtaking(element, tuple(aspects), *told) for (element, *told), aspects in found.items())
