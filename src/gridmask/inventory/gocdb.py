"""The inventory of GOCDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.gocdb import topology
from gridmask.inventory.listings import published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridmask.domain.element import ElementType
    from gridmask.inventory.publication import Publication


def read(
    bodies: Sequence[bytes],
    source: str,
    service_types: Mapping[str, ElementType] = {},
    vo_scopes: frozenset[str] = frozenset(),
) -> Publication:
    """What the pages ``bodies`` publish, as :func:`~gridmask.collectors.gocdb.topology.read` reads them.

    Raises:
        MalformedAnswer: one of them is no page, or they cannot be all.
    """
    return published(topology.read(bodies, source, service_types, vo_scopes))
