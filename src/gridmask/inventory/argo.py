"""The inventory that ARGO monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.argo_topology import topology
from gridmask.inventory.listings import published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gridmask.collectors.argo_topology.options import ArgoTopology
    from gridmask.domain.element import ElementType
    from gridmask.inventory.publication import Publication


def read(
    bodies: Sequence[bytes], source: str, options: ArgoTopology, service_types: Mapping[str, ElementType], now: datetime
) -> Publication:
    """What both parts of a topology publish, as :func:`~gridmask.collectors.argo_topology.topology.read` reads them.

    Raises:
        MalformedAnswer: they are none, or list nothing.
    """
    return published(topology.read(bodies, source, options, service_types, now))
