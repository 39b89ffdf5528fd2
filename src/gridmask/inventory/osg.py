"""The inventory of OSG Topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.osg import topology
from gridmask.inventory.publication import Publication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.element import ElementType


def read(body: bytes, source: str, service_types: Mapping[str, ElementType] = {}) -> Publication:
    """What the ``ResourceSummary`` document ``body`` publishes, as :func:`~gridmask.collectors.osg.topology.read` reads it.

    Raises:
        MalformedAnswer: it is no such document.
    """
    listing = topology.read(body, source, service_types)
    return Publication.of(
        listing.elements,
        types=listing.types,
        vos=listing.vos,
        unreadable=listing.unreadable,
        conclusive=listing.conclusive,
        problems=listing.problems,
    )
