"""VOs in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from gridmask.domain.vo import ALL
from gridmask.store.tables import audit, counter, vos

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection


_MOST_NEW = 1000

VO_RETIRED = "VO retired"
"""How it goes into the books that a VO left; the comment begins with its name and a colon."""


async def load(connection: AsyncConnection) -> frozenset[str]:
    """The VOs that exist."""
    return frozenset(await connection.scalars(select(vos.c.name).where(vos.c.name != ALL, _THERE)))


async def retired(connection: AsyncConnection) -> dict[str, datetime]:
    """The VOs that left for good, and when."""
    found = await connection.execute(select(vos.c.name, vos.c.retired_at).where(vos.c.retired_at.is_not(None)))
    return {row.name: row.retired_at for row in found}


async def register(connection: AsyncConnection, names: Iterable[str], revision: int, now: datetime) -> None:
    """Make sure that the VOs called ``names`` are known. A new one's mask begins with ``revision``; a retired one stays so."""
    known = set(await connection.scalars(select(vos.c.name)))
    new = [{"name": name, "known_since": now, "mask_revision": revision} for name in sorted({*names, ALL} - known)]
    if new:
        await connection.execute(insert(vos), new)


async def bring_back(connection: AsyncConnection, names: Iterable[str], revision: int) -> None:
    """Make the VOs called ``names`` exist again where they were retired; their masks go on with ``revision``."""
    which = vos.c.name.in_(sorted(names)) & vos.c.retired_at.is_not(None)
    await connection.execute(update(vos).where(which).values(retired_at=None, mask_revision=revision))


async def keep_policies(connection: AsyncConnection, by_api: Iterable[str]) -> None:
    """Note that the policies of the VOs called ``by_api`` are kept by the API, and those of all others in files."""
    await connection.execute(update(vos).values(policies_by_api=vos.c.name.in_(sorted(by_api))))


async def with_policies_by_api(connection: AsyncConnection) -> frozenset[str]:
    """The VOs whose policies are kept by the API."""
    return frozenset(await connection.scalars(select(vos.c.name).where(vos.c.policies_by_api)))


async def retire(connection: AsyncConnection, names: Iterable[str], now: datetime) -> None:
    """Note that the VOs called ``names`` left for good."""
    await connection.execute(update(vos).where(vos.c.name.in_(sorted(names)), _THERE).values(retired_at=now))


async def last_revision(connection: AsyncConnection) -> int:
    """The last revision."""
    return await connection.scalar(select(counter.c.revision)) or 0


async def made_at(connection: AsyncConnection, revision: int) -> datetime | None:
    """When ``revision`` was made; None if nobody knows."""
    return await connection.scalar(select(audit.c.at).where(audit.c.revision == revision))


async def made_since(connection: AsyncConnection, before: int, upto: int) -> list[datetime]:
    """When the revisions after ``before``, up to ``upto``, were made; of none, where so much is new that nobody asks."""
    if not 0 <= before < upto <= before + _MOST_NEW:
        return []
    new = (audit.c.revision > before) & (audit.c.revision <= upto)
    return list(await connection.scalars(select(audit.c.at).where(new)))


async def masks_changed_at(connection: AsyncConnection) -> dict[str, datetime]:
    """By VO, and for :data:`~gridmask.domain.vo.ALL`, when its mask changed last, as far as the books tell."""
    question = select(vos.c.name, audit.c.at).join_from(vos, audit, audit.c.revision == vos.c.mask_revision).where(_THERE)
    return {row.name: row.at for row in await connection.execute(question)}


async def mask_revisions(connection: AsyncConnection) -> dict[str, int]:
    """By VO, and for :data:`~gridmask.domain.vo.ALL`, the last revision that changed its mask."""
    found = await connection.execute(select(vos.c.name, vos.c.mask_revision).where(_THERE))
    return {row.name: row.mask_revision for row in found}


_THERE: ColumnElement[bool] = vos.c.retired_at.is_(None)
