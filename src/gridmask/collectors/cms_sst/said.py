"""What a document says of one site or service, before it becomes evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gridmask.collectors.observations import Problem
from gridmask.domain.measurements import Measurement


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said.

    Attributes:
        kind: what sort of thing.
        record: which record of the source it is.
        name: the site, or the host.
        value: what is said.
        at: since when; None: now.
        service: the kind of service on the host; None: it is a site.
    """

    kind: str
    record: str
    name: str
    value: Measurement
    at: datetime | None = None
    service: str | None = None


Found = Said | Problem
