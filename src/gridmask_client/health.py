"""How a server is."""

from __future__ import annotations

from gridmask_client.answer import Json
from gridmask_client.call import Call, get
from gridmask_client.shapes import Moment, Said


class Alive(Said, frozen=True):
    """The process lives."""

    status: str


class Ready(Said, frozen=True):
    """Requests will be answered; the last ``revision`` that the server knows, and when it looked."""

    status: str
    revision: int
    checked_at: Moment | None


def alive() -> Call[Alive]:
    """Whether the process lives."""
    return get("/healthz", Json(Alive))


def ready() -> Call[Ready]:
    """Whether requests can be answered; ``Unavailable`` says why not. Ask with a client that is ``IMPATIENT``."""
    return get("/readyz", Json(Ready))
