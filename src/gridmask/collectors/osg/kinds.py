"""What a source of OSG's downtimes is called in the settings; its inventory is among those of inventories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.kind import DowntimeKind
from gridmask.collectors.options import ServiceTypes
from gridmask.collectors.osg import downtimes

if TYPE_CHECKING:
    from gridmask.domain.downtime import Announcement
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


def _read(answer: Gathered, source: Source, types: TypeRegistry) -> Announcement:
    return downtimes.read(answer.bodies[0], source.name, ServiceTypes.of(source).element_types(types))


KINDS = {"osg-downtimes": DowntimeKind(_read, options=ServiceTypes)}
