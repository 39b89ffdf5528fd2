"""The policies of VOs that keep them by the API: every version, as it was written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from gridmask.store.tables import policy_layers

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

_BRIEF = [column for column in policy_layers.c if column.name not in {"id", "text"}]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a VO's layer, without its text.

    Attributes:
        vo: whose it is.
        number: 1 is the VO's first; 0 stands for what there is before anybody put one.
        revision: the SHA-256 of its text, in hexadecimal.
        author: who put it; empty if nobody did.
        at: when; None if nobody did.
        reason: why, as the author had it.
    """

    vo: str
    number: int
    revision: str
    author: str = ""
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """A version of a VO's layer, and its TOML text as it was written."""

    version: Version
    text: str


def revision_of(text: str) -> str:
    """The revision of the layer that says ``text``."""
    return hashlib.sha256(text.encode()).hexdigest()


async def current(connection: AsyncConnection, vos: Collection[str]) -> dict[str, Layer]:
    """The last version of the layer of each of ``vos``; a VO that never had any is left out."""
    if not vos:
        return {}
    last = select(func.max(policy_layers.c.id)).where(policy_layers.c.vo.in_(sorted(vos))).group_by(policy_layers.c.vo)
    found = await connection.execute(select(policy_layers).where(policy_layers.c.id.in_(last)).order_by(policy_layers.c.vo))
    return {row.vo: _layer(row) for row in found}


async def numbered(connection: AsyncConnection, vo: str, number: int) -> Layer | None:
    """Version ``number`` of the layer of ``vo``; None: there is none."""
    question = select(policy_layers).where(policy_layers.c.vo == vo, policy_layers.c.version == number)
    found = (await connection.execute(question)).first()
    return _layer(found) if found else None


async def versions(connection: AsyncConnection, vo: str, before: int | None, limit: int) -> list[Version]:
    """Up to ``limit`` versions of the layer of ``vo``, the last first; with ``before``, those before that one."""
    question = select(*_BRIEF).where(policy_layers.c.vo == vo).order_by(policy_layers.c.version.desc()).limit(limit)
    if before is not None:
        question = question.where(policy_layers.c.version < before)
    return [_version(row) for row in await connection.execute(question)]


async def add(connection: AsyncConnection, layer: Layer) -> None:
    """Keep ``layer``, from now on the last version of its VO's."""
    version = layer.version
    row = {
        "vo": version.vo,
        "version": version.number,
        "revision": version.revision,
        "text": layer.text,
        "author": version.author,
        "put_at": version.at,
        "reason": version.reason,
    }
    await connection.execute(insert(policy_layers).values(row))


async def newest(connection: AsyncConnection) -> int:
    """A number that grows with every version that anybody puts."""
    return await connection.scalar(select(func.max(policy_layers.c.id))) or 0


def _layer(row: Row[tuple[object, ...]]) -> Layer:
    return Layer(_version(row), row.text)


def _version(row: Row[tuple[object, ...]]) -> Version:
    return Version(row.vo, row.version, row.revision, row.author, row.put_at, row.reason)
