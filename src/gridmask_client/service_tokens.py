"""Service tokens, which scripts and probes show. For administrators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gridmask_client.access import Grant
from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, listing
from gridmask_client.shapes import Moment, Role, Said

_ROUTE = "/api/v1/access/tokens"


class ServiceToken(Said, frozen=True):
    """A service token. Its secret is kept nowhere."""

    id: str
    name: str
    grants: tuple[Grant, ...]
    issued_by: str
    issued_at: Moment
    expires_at: Moment
    revoked_at: Moment | None
    reason: str


class ServiceTokens(Said, frozen=True):
    """All that there ever were, the last first."""

    tokens: tuple[ServiceToken, ...]


class ServiceTokenIssued(ServiceToken, frozen=True):
    """A new service token. ``token`` is what to show: it can be had this once only, and is left out where this is shown."""

    token: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, name={self.name!r})"

    def __rich_repr__(self) -> Any:  # noqa: ANN401 - here, list is the call
        return [("id", self.id), ("name", self.name)]


def list() -> Listing[ServiceTokens, ServiceToken]:
    """Those that there ever were."""
    return listing(_ROUTE, Json(ServiceTokens), lambda page: page.tokens)


def issue(name: str, grants: Iterable[tuple[Role, str]], days: int, reason: str) -> Call[ServiceTokenIssued]:
    """Issue a token for a script or a probe, to do what it needs and no more.

    If the answer is lost, asking again is ``AnswerLost``: revoke the token, and issue another.

    Args:
        name: what who shows it is to be called.
        grants: roles, each with its VO; ``all`` is the installation.
        days: how long it is to count, 366 at most.
        reason: what it is for.
    """
    granted = [{"role": role, "vo": vo} for role, vo in grants]
    return change(_ROUTE, Json(ServiceTokenIssued), {"name": name, "grants": granted, "days": days, "reason": reason})


def revoke(id: str, reason: str) -> Call[ServiceToken]:
    """It opens nothing any more, within five seconds."""
    return change(f"{_ROUTE}/{{token}}/revoke", Json(ServiceToken), {"reason": reason}, token=id)
