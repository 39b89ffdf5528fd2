"""Quarantine: an answer that would change too much is not believed unseen, and what its source said before stands (promise D3).

Nothing where there was much is no news, but a broken source. What the guard holds, nobody has believed yet, so that to take it
back takes nothing: a feed that is put right needs nobody's help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.errors import Quarantined
from gridmask.domain.guard import Cause
from gridmask.store import downtimes, guard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.downtime import Downtime, DowntimeKey
    from gridmask.domain.guard import Guard
    from gridmask.domain.upheaval import Upheaval
    from gridmask.source import Source


def judge(source: Source, upheaval: Upheaval) -> None:
    """Puts an answer of ``source`` into quarantine if anything of its ``upheaval`` is too much.

    Raises:
        Quarantined: it is.
    """
    if upheaval.excesses:
        raise Quarantined(source.name, upheaval)


async def believed(
    connection: AsyncConnection, source: Source, known: Mapping[DowntimeKey, Downtime], limits: Guard, now: datetime
) -> Mapping[DowntimeKey, Downtime]:
    """The downtimes of ``source`` that count against it: those ``known``, but for what came with a batch that is held."""
    since = await guard.distrusted_since(connection, Cause("source", source.name), limits)
    return known if since is None else await downtimes.known_before(connection, source.name, since, now)
