"""The inventory of OSG Topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.osg import topology
from gridmask.inventory.listings import published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.element import ElementType
    from gridmask.inventory.publication import Publication


def read(body: bytes, source: str, service_types: Mapping[str, ElementType] = {}) -> Publication:
    """What the ``ResourceSummary`` document ``body`` publishes, as :func:`~gridmask.collectors.osg.topology.read` reads it.

    Raises:
        MalformedAnswer: it is no such document.
    """
    return published(topology.read(body, source, service_types))
