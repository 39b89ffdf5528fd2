"""Who asks, as the server sees it."""

from __future__ import annotations

from gridmask_client.answer import Json
from gridmask_client.call import Call, get
from gridmask_client.shapes import Said


class Grant(Said, frozen=True):
    """That somebody has a role for a VO; ``all`` is the installation."""

    role: str
    vo: str


class Whoami(Said, frozen=True):
    """Who asks. ``issuer``: who vouches for it; empty: nobody has to."""

    name: str
    kind: str
    issuer: str
    grants: tuple[Grant, ...]


def whoami() -> Call[Whoami]:
    """Whom the server takes whoever asks for, and what that may do."""
    return get("/api/v1/access", Json(Whoami))
