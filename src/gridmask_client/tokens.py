"""Rows in people's hands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, listing
from gridmask_client.shapes import ElementId, Matching, Named, Said, Token
from gridmask_client.statuses import Changed, dealing, term

_ROUTE = "/api/v1/tokens"


class HeldRow(ElementId, frozen=True):
    """A row that somebody holds."""

    status_type: str
    vo: str
    status: str
    opinion: str
    binding: bool
    token: Token


class Held(Said, frozen=True):
    """The rows that people hold; what ends, or is to be reviewed, first comes first."""

    tokens: tuple[HeldRow, ...]


def list(*, vo: str | None = None, owner: str | None = None, before: datetime | None = None) -> Listing[Held, HeldRow]:
    """The rows that people hold. ``before``: only what ends, or is to be reviewed, before then."""
    return listing(_ROUTE, Json(Held), lambda page: page.tokens, {"vo": vo, "owner": owner, "before": before})


def take(
    rows: Iterable[Named | Matching],
    reason: str,
    *,
    until: datetime | None = None,
    lasting: bool = False,
    agreed: bool = False,
    review_at: datetime | None = None,
    seen: int | None = None,
    if_match: int | None = None,
) -> Call[Changed]:
    """Take rows out of automation's hands as they are, whosever they were. The arguments are those of ``statuses.set``."""
    return dealing(_ROUTE, rows, {"reason": reason, **term(until, review_at, lasting=lasting, agreed=agreed)}, seen, if_match)


def extend(
    rows: Iterable[Named | Matching],
    reason: str = "",
    *,
    until: datetime | None = None,
    lasting: bool = False,
    agreed: bool = False,
    review_at: datetime | None = None,
    seen: int | None = None,
    if_match: int | None = None,
) -> Call[Changed]:
    """Hold rows of one's own for another term from now. The arguments are those of ``statuses.set``."""
    body = {"reason": reason, **term(until, review_at, lasting=lasting, agreed=agreed)}
    return dealing(f"{_ROUTE}/extend", rows, body, seen, if_match)


def release(
    rows: Iterable[Named | Matching], reason: str = "", *, seen: int | None = None, if_match: int | None = None
) -> Call[Changed]:
    """Give rows back to automation, which decides about them at once."""
    return dealing(f"{_ROUTE}/release", rows, {"reason": reason}, seen, if_match)
