"""Service tokens in the database: a digest of each secret, never the secret."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from gridmask.domain.service_token import ServiceToken
from gridmask.store.tables import service_tokens

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection


async def save(connection: AsyncConnection, token: ServiceToken, digest: str) -> None:
    """Keep a new token."""
    row = {
        "id": token.id,
        "name": token.name,
        "digest": digest,
        "grants": token.grants,
        "issued_by": token.issued_by,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "reason": token.reason,
    }
    await connection.execute(insert(service_tokens).values(row))


async def find(connection: AsyncConnection, number: str) -> tuple[ServiceToken, str] | None:
    """The token called so, and the digest of its secret; None: there is none."""
    found = (await connection.execute(select(service_tokens).where(service_tokens.c.id == number))).first()
    return (_token(found), found.digest) if found else None


async def listed(connection: AsyncConnection) -> list[ServiceToken]:
    """All tokens that there ever were, the last first."""
    question = select(service_tokens).order_by(service_tokens.c.issued_at.desc(), service_tokens.c.id)
    return [_token(row) for row in await connection.execute(question)]


async def revoke(connection: AsyncConnection, number: str, now: datetime) -> None:
    """Note that a token counts no more."""
    await connection.execute(update(service_tokens).where(service_tokens.c.id == number).values(revoked_at=now))


def _token(row: Row[Any]) -> ServiceToken:
    return ServiceToken(row.id, row.name, row.grants, row.issued_by, row.issued_at, row.expires_at, row.reason, row.revoked_at)
