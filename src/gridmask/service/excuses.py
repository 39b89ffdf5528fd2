"""Excuses: which outages had been announced before they began, and for what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from gridmask.domain.downtime import DowntimeKey, Impact
from gridmask.domain.element import SITE, Element, ElementKey
from gridmask.domain.excuse import END, Announced, Between, excuses, union
from gridmask.domain.naming import Target, handle, handles, names
from gridmask.domain.vo import ALL
from gridmask.rules.downtime import impact_of
from gridmask.store import downtimes
from gridmask.store.tables import downtimes as table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.downtimes import Version

SCHEDULED = "SCHEDULED"
"""How registries call a downtime that was announced well ahead; at GOCDB, 24 hours before its start."""


@dataclass(frozen=True, slots=True)
class Excuses:
    """Scheduled outages: by the handle of what they name, that, which downtime it is, and when it was known to be when."""

    by_handle: Mapping[str, list[tuple[Target, DowntimeKey, Announced]]] = field(default_factory=dict)

    def of(self, element: Element) -> tuple[Between, ...]:
        """When an outage of ``element``, or of its site, had been announced before it began; in order and apart."""
        found: dict[DowntimeKey, list[Announced]] = {}
        for name in {*handles(element), element.site}:
            for target, key, announced in self.by_handle.get(name, ()):
                if names(target, element) or _is_site(target, element):
                    found.setdefault(key, []).append(announced)
        return union(excuse for versions in found.values() for excuse in excuses(versions))


def _is_site(target: Target, element: Element) -> bool:
    return isinstance(target, ElementKey) and target.family == SITE and target.name == element.site


async def load(connection: AsyncConnection, vo: str, since: datetime, until: datetime) -> Excuses:
    """All versions of all scheduled outages for ``vo`` that touch the time from ``since`` up to ``until``."""
    then = and_(table.c.starts_at < until, or_(table.c.ends_at.is_(None), table.c.ends_at > since), table.c.known_from < until)
    which = and_(then, table.c.scheduling == SCHEDULED, table.c.vo.in_(sorted({vo, ALL})))
    found = await downtimes.versions(connection, which)
    first = set(await connection.scalars(select(func.min(table.c.id)).group_by(table.c.source, table.c.record)))
    by_handle: dict[str, list[tuple[Target, DowntimeKey, Announced]]] = {}
    for name, *announced in _named(found, first):
        by_handle.setdefault(name, []).append(tuple(announced))  # type: ignore[arg-type]  # three of them
    return Excuses(by_handle)


def _named(found: Iterable[Version], first: set[int]) -> Iterator[tuple[str, Target, DowntimeKey, Announced]]:
    for version in found:
        if impact_of(version.downtime.severity) is Impact.OUTAGE:
            announced = _announced(version, is_first=version.number in first)
            for target in version.downtime.targets:
                yield handle(target), target, version.downtime.key, announced


def _announced(version: Version, *, is_first: bool) -> Announced:
    """When it was known. Of what was there before anybody here looked, its author's word counts."""
    downtime = version.downtime
    created = downtime.created_at if is_first else None
    since = version.known_from if created is None else min(created, version.known_from)
    return Announced(downtime.interval.start, downtime.interval.end or END, since, version.known_to or END)
