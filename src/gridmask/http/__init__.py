"""The one way in which Gridmask reads evidence and inventory from elsewhere.

Every answer is bounded in time and size, says where it came from, and is asked for only as often as its server bears.
What a caller needs is here; the modules below are each about one of these promises.
"""

from __future__ import annotations

from gridmask.http.access import ANYBODY, Access
from gridmask.http.answer import Answer, NotModified, Provenance, Validators
from gridmask.http.breaker import Breaker, BreakerState
from gridmask.http.client import Client
from gridmask.http.gathered import Ask, Gathered
from gridmask.http.limits import Backoff, Limits
from gridmask.http.redaction import redacted
from gridmask.http.routes import Network

__all__ = [
    "ANYBODY",
    "Access",
    "Answer",
    "Ask",
    "Backoff",
    "Breaker",
    "BreakerState",
    "Client",
    "Gathered",
    "Limits",
    "Network",
    "NotModified",
    "Provenance",
    "Validators",
    "redacted",
]
