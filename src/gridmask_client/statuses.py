"""Rows: what they are, why, what they were, and what people make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from gridmask_client.answer import Json
from gridmask_client.call import Call, Given, Listing, change, listing, matched
from gridmask_client.shapes import MOST, ElementId, Matching, Moment, Named, Reason, Said, Status, Token

_ROUTE = "/api/v1/statuses"


class Row(ElementId, frozen=True):
    """A row, as a reader asking for ``vo`` gets it.

    ``row`` is whose row answers: the VO's own, or ``all``; ``opinion``, what automation would make it.
    """

    site: str
    status_type: str
    vo: str
    row: str
    status: str
    since: Moment
    opinion: str
    token: Token | None
    binding: bool
    reasons: tuple[Reason, ...]
    revision: int


class Rows(Said, frozen=True):
    """A page of rows."""

    statuses: tuple[Row, ...]
    next: int | None


class RowDealt(Row, frozen=True):
    """A row with which somebody dealt, as it is now; ``changed``: it is other than before."""

    changed: bool


class Changed(Said, frozen=True):
    """What became of rows. ``revision`` None: nothing is other than before."""

    revision: int | None
    statuses: tuple[RowDealt, ...]


class Verdict(Said, frozen=True):
    """What one policy says about a row."""

    policy: str
    layer: str
    status: str
    wins: bool
    advisory: bool
    held: bool
    lasting: bool
    reasons: tuple[Reason, ...]


class Hold(Said, frozen=True):
    """That the guard keeps a row usable."""

    batch: str
    until: Moment
    dropped: bool


class Penalty(Said, frozen=True):
    """What a row has gathered by flapping."""

    value: float
    at: Moment
    damped: bool


class RulingBy(Said, frozen=True):
    """A person's decision on how far automation goes."""

    mode: str
    by: str
    reason: str
    at: Moment


class Used(Said, frozen=True):
    """A piece of evidence that verdicts rested on."""

    source: str
    record: str
    kind: str
    vo: str
    observed_at: Moment
    value: Any


class Way(Said, frozen=True):
    """A way in which a row would become another."""

    kind: str
    status: str
    name: str
    at: Moment | None


class Explanation(Row, frozen=True):
    """Why a row is what it is."""

    absence: str | None
    verdicts: tuple[Verdict, ...]
    hold: Hold | None
    penalty: Penalty | None
    automation: str
    ruling: RulingBy | None
    evidence: tuple[Used, ...]
    ways: tuple[Way, ...]
    owes_probing: bool
    decided_at: Moment | None
    due: Moment | None
    policies: str
    sources: dict[str, Moment | None]


class Explanations(Said, frozen=True):
    """Explanations, one for each row."""

    statuses: tuple[Explanation, ...]


class Change(Said, frozen=True):
    """A change of a row. ``old`` None: there was none before; ``new`` None: it ended."""

    id: int
    revision: int
    at: Moment
    actor: str
    kind: str
    status_type: str
    vo: str
    old: str | None
    new: str | None
    token: Token | None
    taken_from: str | None
    binding: bool
    reasons: tuple[Reason, ...]


class History(Said, frozen=True):
    """A page of changes, newest first."""

    changes: tuple[Change, ...]
    next: int | None


class Ban(ElementId, frozen=True):
    """A row that is banned, or that a person restricted; ``doubts``: why to look at it now."""

    status_type: str
    vo: str
    status: str
    since: Moment
    opinion: str
    owner: str
    review_at: Moment | None
    doubts: tuple[str, ...]
    reasons: tuple[Reason, ...]


class Bans(Said, frozen=True):
    """Bans; those whose review is due first come first."""

    bans: tuple[Ban, ...]


def list(
    *,
    vo: str | None = None,
    family: str | None = None,
    type: str | None = None,
    name: str | None = None,
    site: str | None = None,
    status_type: str | None = None,
    status: Status | None = None,
    limit: int = MOST,
) -> Listing[Rows, Row]:
    """Rows for which every filter holds. With ``vo``: as a reader asking for it gets them; without: all that there are."""
    given = {"vo": vo, "site": site, "status": status, "limit": limit, **_which(name, type, family, status_type)}
    return listing(_ROUTE, Json(Rows), lambda page: page.statuses, given, cursor="cursor")


def set(
    rows: Iterable[Named | Matching],
    status: Status,
    reason: str,
    *,
    until: datetime | None = None,
    lasting: bool = False,
    agreed: bool = False,
    review_at: datetime | None = None,
    binding: bool = False,
    seen: int | None = None,
    if_match: int | None = None,
) -> Call[Changed]:
    """Set rows, and take them out of automation's hands for a time: all of them in one transaction, or none.

    Args:
        rows: which.
        status: to what.
        reason: why, for those who come after you.
        until: when automation takes over again; as is customary, a day from now, unless told otherwise.
        lasting: until released.
        agreed: until automation asks for the very status.
        review_at: when somebody should look at them again.
        binding: on rows of ``all``: outrank every VO's own.
        seen: the revision in which you saw the rows; if one changed since, nothing is done, and that is ``Stale``.
        if_match: the ``revision`` of the one row; if that is another now, nothing is done, and that is ``Stale``.
    """
    body = {"status": status, "reason": reason, "binding": binding, **term(until, review_at, lasting=lasting, agreed=agreed)}
    return dealing(_ROUTE, rows, body, seen, if_match)


def why(
    name: str, *, vo: str = "all", type: str | None = None, family: str | None = None, status_type: str | None = None
) -> Listing[Explanations, Explanation]:
    """Why the rows of an element are what they are for a VO."""
    given = {"vo": vo, **_which(name, type, family, status_type)}
    return listing(f"{_ROUTE}/why", Json(Explanations), lambda page: page.statuses, given)


def history(
    name: str,
    *,
    vo: str = "all",
    type: str | None = None,
    family: str | None = None,
    status_type: str | None = None,
    limit: int = MOST,
) -> Listing[History, Change]:
    """The changes of an element's rows, newest first: a VO's own, and those of ``all``."""
    given = {"vo": vo, "limit": limit, **_which(name, type, family, status_type)}
    return listing(f"{_ROUTE}/history", Json(History), lambda page: page.changes, given, cursor="before")


def review(vo: str | None = None, *, every: bool = False) -> Listing[Bans, Ban]:
    """The bans that somebody should look at: of a VO and of ``all``. ``every``: also those that nothing is wrong with."""
    return listing(f"{_ROUTE}/review", Json(Bans), lambda page: page.bans, {"vo": vo, "all": every})


def term(until: datetime | None, review_at: datetime | None, *, lasting: bool, agreed: bool) -> Mapping[str, Any]:
    """For how long automation stays away, as the API is told."""
    return {"until": until, "lasting": lasting, "agreed": agreed, "review_at": review_at}


def dealing(
    route: str, rows: Iterable[Named | Matching], body: Mapping[str, Any], seen: int | None, if_match: int | None
) -> Call[Changed]:
    """Something that is done with rows."""
    asked = {"rows": [*rows], **body, "seen": seen}
    return matched(change(route, Json(Changed), asked), "" if if_match is None else f'"{if_match}"')


def _which(name: str | None, type_: str | None, family: str | None, status_type: str | None) -> Mapping[str, Given]:
    return {"name": name, "type": type_, "family": family, "status_type": status_type}
