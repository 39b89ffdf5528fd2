"""What a source of GOCDB's downtimes is called in the settings; its inventory is among those of inventories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.gocdb import downtimes
from gridmask.collectors.gocdb.asking import ask_for_downtimes
from gridmask.collectors.gocdb.options import GocdbDowntimes
from gridmask.collectors.kind import DowntimeKind

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.downtime import Announcement
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered, NotModified
    from gridmask.source import Source


async def _gather(asking: Asking) -> Gathered | NotModified:
    if asking.is_document:
        return await asking.whole()
    scope = GocdbDowntimes.of(asking.source).scope
    return await ask_for_downtimes(asking.get, asking.source.url, asking.now, scope)


def _read(answer: Gathered, source: Source, types: TypeRegistry) -> Announcement:
    del types  # a downtime names hosts and kinds of services
    return downtimes.read(answer.bodies, source.name)


KINDS = {"gocdb-downtimes": DowntimeKind(_read, _gather, GocdbDowntimes)}
