"""A client of Gridmask for scripts: typed, sync and async, and thin.

What can be asked is a function for each thing, in a module for each noun, which gives a call; a client carries it out::

    from gridmask_client import Client, Named, statuses

    with Client("https://rss.example.org:8443", token=Path("/run/gridmask.token")) as gridmask:
        gridmask.do(statuses.set([Named("ce01", vo="cms")], "Banned", "jobs vanish"))
        for row in gridmask.each(statuses.list(vo="cms", status="Banned")):
            print(row.name, row.since)
"""

from __future__ import annotations

from gridmask_client import (
    access,
    actions,
    actuators,
    audit,
    automation,
    availability,
    batches,
    downtimes,
    elements,
    errors,
    evidence,
    health,
    masks,
    policies,
    probes,
    service_tokens,
    sources,
    statuses,
    timelines,
    tokens,
)
from gridmask_client.async_mask import AsyncMask
from gridmask_client.bearer import discovered
from gridmask_client.call import Call, Listing
from gridmask_client.client import AsyncClient, Client
from gridmask_client.errors import GridmaskError
from gridmask_client.follower import Pace
from gridmask_client.mask import Mask
from gridmask_client.patience import IMPATIENT, Patience
from gridmask_client.replica import Change
from gridmask_client.shapes import ElementName, Matching, Named
from gridmask_client.version import __version__

__all__ = [
    "IMPATIENT",
    "AsyncClient",
    "AsyncMask",
    "Call",
    "Change",
    "Client",
    "ElementName",
    "GridmaskError",
    "Listing",
    "Mask",
    "Matching",
    "Named",
    "Pace",
    "Patience",
    "__version__",
    "access",
    "actions",
    "actuators",
    "audit",
    "automation",
    "availability",
    "batches",
    "discovered",
    "downtimes",
    "elements",
    "errors",
    "evidence",
    "health",
    "masks",
    "policies",
    "probes",
    "service_tokens",
    "sources",
    "statuses",
    "timelines",
    "tokens",
]
