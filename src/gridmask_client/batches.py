"""Batches: rows that automation would take from VOs, and that the guard holds for a person to look at."""

from __future__ import annotations

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, get, listing
from gridmask_client.shapes import ElementId, Moment, Said

_ROUTE = "/api/v1/batches"
_ONE = f"{_ROUTE}/{{batch}}"


class Batch(Said, frozen=True):
    """Rows that are held. ``state``: ``held``, ``emptied``, ``confirmed`` or ``dropped``."""

    id: str
    cause: str
    state: str
    rows: int
    vos: tuple[str, ...]
    opened_at: Moment
    expires_at: Moment
    decided_at: Moment | None
    decided_by: str | None
    comment: str | None


class Batches(Said, frozen=True):
    """Batches, newest first."""

    batches: tuple[Batch, ...]


class HeldRow(ElementId, frozen=True):
    """A row that is held: its ``status``, and the ``opinion`` of automation."""

    status_type: str
    vo: str
    status: str
    opinion: str


class HeldBatch(Batch, frozen=True):
    """A batch, with the rows that are held in it now."""

    held: tuple[HeldRow, ...]


class Decided(Said, frozen=True):
    """What a decision led to."""

    revision: int | None
    changed: int


def list(*, waiting: bool = True) -> Listing[Batches, Batch]:
    """What is held; without ``waiting`` also what was."""
    return listing(_ROUTE, Json(Batches), lambda page: page.batches, {"waiting": waiting})


def show(id: str) -> Call[HeldBatch]:
    """A batch, with the rows that are held in it now."""
    return get(_ONE, Json(HeldBatch), batch=id)


def confirm(id: str, reason: str) -> Call[Decided]:
    """Its rows become what automation asks for."""
    return change(f"{_ONE}/confirm", Json(Decided), {"reason": reason}, batch=id)


def drop(id: str, reason: str) -> Call[Decided]:
    """Its rows stay as they are until automation asks for something else, or a day has passed."""
    return change(f"{_ONE}/drop", Json(Decided), {"reason": reason}, batch=id)
