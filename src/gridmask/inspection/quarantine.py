"""Quarantine: an answer that would take back too much is refused whole, and what its source said before stands (promise D3).

Nothing where there was much is no news, but a broken source. That holds for what would be withdrawn and for what would be
edited away: ended, moved, pointed elsewhere. What the guard holds, nobody has believed yet, so that to take it back takes
nothing: a feed that is put right needs nobody's help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.downtime import difference, is_over, takes_back
from gridmask.domain.errors import TakeoutRefused
from gridmask.domain.guard import Cause
from gridmask.inventory.alterations import FEW
from gridmask.rules.downtime import impact_of
from gridmask.store import downtimes, guard

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey
    from gridmask.domain.evidence import Evidence, EvidenceKey
    from gridmask.domain.guard import Guard
    from gridmask.source import Source


async def believed(
    connection: AsyncConnection, source: Source, known: Mapping[DowntimeKey, Downtime], limits: Guard, now: datetime
) -> Mapping[DowntimeKey, Downtime]:
    """The downtimes of ``source`` that count against it: those ``known``, but for what came with a batch that is held."""
    since = await guard.distrusted_since(connection, Cause("source", source.name), limits)
    return known if since is None else await downtimes.known_before(connection, source.name, since, now)


def check_withdrawal(source: Source, known: Mapping[DowntimeKey, Downtime], announcement: Announcement, now: datetime) -> None:
    """Refuses an ``announcement`` that takes back too much of what is ``known``.

    Raises:
        TakeoutRefused: it does.
    """
    change = difference(known, announcement, now)
    edited = sum(_takes_back(known[after.key], after, now) for after in change.edited)
    pending = sum(not is_over(downtime, now) for downtime in known.values())
    _check(source, len(change.withdrawn) + edited, pending)


def check_silence(source: Source, known: Mapping[EvidenceKey, Evidence], gone: Collection[EvidenceKey], now: datetime) -> None:
    """Refuses an answer after which too much of what is ``known``, and counts still, would be measured no more.

    Raises:
        TakeoutRefused: it is too much.
    """
    _check(source, sum(known[key].counts(now) for key in gone), sum(item.counts(now) for item in known.values()))


def _takes_back(before: Downtime, after: Downtime, now: datetime) -> bool:
    milder = not is_over(before, now) and impact_of(after.severity) < impact_of(before.severity)
    return milder or takes_back(before, after, now)


def _check(source: Source, gone: int, pending: int) -> None:
    if gone > FEW and gone / pending > source.max_takeout:
        raise TakeoutRefused(source.name, gone, pending, source.max_takeout)
