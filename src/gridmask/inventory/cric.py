"""The inventory of CRIC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.cric import topology
from gridmask.inventory.listings import published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.collectors.cric.options import CricOptions
    from gridmask.inventory.publication import Publication


def read(bodies: Sequence[bytes], source: str, options: CricOptions) -> Publication:
    """What the documents ``bodies`` publish, as :func:`~gridmask.collectors.cric.topology.read` reads them.

    Raises:
        MalformedAnswer: one of them is no document of CRIC, or they list nothing.
    """
    return published(topology.read(bodies, source, options))
