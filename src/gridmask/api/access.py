"""``/api/v1/access``: who somebody is here, and tokens for scripts and probes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from gridmask.api.dependencies import By, Here
from gridmask.api.models import Asked, Moment, Prose, Said, Word
from gridmask.domain.rights import Grant, Role

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.domain.service_token import ServiceToken

router = APIRouter(prefix="/api/v1/access", tags=["access"])

Id = Annotated[str, Path(min_length=1, max_length=16)]


class GrantSaid(Said):
    """That somebody has a role."""

    role: Role
    vo: str = Field(description="For which VO; `all` is the installation.")


class Whoami(Said):
    """Who asks."""

    name: str
    kind: str = Field(description="`person` or `service`.")
    issuer: str = Field(description="Who vouches for it; empty: nobody has to.")
    grants: list[GrantSaid]


class ServiceTokenSaid(Said):
    """A service token. Its secret is kept nowhere."""

    id: str
    name: str = Field(description="What who shows it is called, before `@gridmask`.")
    grants: list[GrantSaid]
    issued_by: str
    issued_at: Moment
    expires_at: Moment
    revoked_at: Moment | None
    reason: str


class ServiceTokensSaid(Said):
    """All service tokens that there ever were, the last first."""

    tokens: list[ServiceTokenSaid]


class ServiceTokenIssued(ServiceTokenSaid):
    """A new service token."""

    token: str = Field(description="What to show, as `Authorization: Bearer TOKEN`. It can be had this once only.")


class GrantAsked(Asked):
    """A role that somebody is to have."""

    role: Annotated[Role, Field(strict=False)]
    vo: Word


class ServiceTokenAsked(Asked):
    """A service token that is to be issued."""

    name: str = Field(min_length=1, max_length=119, description="What who shows it is to be called, before `@gridmask`.")
    grants: list[GrantAsked] = Field(min_length=1, max_length=100)
    days: int = Field(ge=1, le=366, description="How long it is to count.")
    reason: Prose


class Revocation(Asked):
    """Why something ends."""

    reason: Prose


@router.get("", summary="Tell who asks")
async def whoami(by: By) -> Whoami:
    """Whom the server takes whoever asks for, and what that may do."""
    return Whoami(name=by.name, kind=by.kind, issuer=by.origin.issuer, grants=_grants(by))


@router.get("/tokens", summary="List service tokens")
async def list_service_tokens(gridmask: Here, by: By) -> ServiceTokensSaid:
    """Those that there ever were."""
    return ServiceTokensSaid(tokens=[_said(token) for token in await gridmask.service_tokens.list(by)])


@router.post("/tokens", status_code=201, summary="Issue a service token")
async def issue_service_token(asked: ServiceTokenAsked, gridmask: Here, by: By, response: Response) -> ServiceTokenIssued:
    """For a script or a probe, to do what it needs and no more."""
    response.headers["Cache-Control"] = "no-store"
    grants = [Grant(one.role, one.vo) for one in asked.grants]
    token, shown = await gridmask.service_tokens.issue(by, asked.name, grants, timedelta(days=asked.days), asked.reason)
    return ServiceTokenIssued(**dict(_said(token)), token=shown)


@router.post("/tokens/{token}/revoke", summary="Revoke a service token")
async def revoke_service_token(token: Id, asked: Revocation, gridmask: Here, by: By) -> ServiceTokenSaid:
    """It opens nothing any more, within five seconds."""
    return _said(await gridmask.service_tokens.revoke(by, token, asked.reason))


def _said(token: ServiceToken) -> ServiceTokenSaid:
    members = ("id", "name", "issued_by", "issued_at", "expires_at", "revoked_at", "reason")
    grants = [GrantSaid(role=grant.role, vo=grant.vo) for grant in sorted(token.grants)]
    return ServiceTokenSaid(grants=grants, **{name: getattr(token, name) for name in members})


def _grants(actor: Actor) -> list[GrantSaid]:
    return [GrantSaid(role=grant.role, vo=grant.vo) for grant in sorted(actor.grants)]
