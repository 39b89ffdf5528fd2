"""Views that stand in the way of a change of our tables: PostgreSQL lets nobody change what a view shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridmask.domain.errors import Conflict
from gridmask.store.engines import POSTGRESQL

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_IN_THE_WAY = frozenset({"0A000", "2BP01"})
"""PostgreSQL's codes for: a view shows that column, so it cannot become another; so it cannot be dropped."""

_BLOCKERS = text("""
    SELECT DISTINCT n.nspname || '.' || v.relname || ' of ' || pg_get_userbyid(v.relowner)
    FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid JOIN pg_class v ON v.oid = w.ev_class
    JOIN pg_namespace n ON n.oid = v.relnamespace JOIN pg_class t ON t.oid = d.refobjid
    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
    AND t.relnamespace = current_schema()::regnamespace AND v.oid != t.oid ORDER BY 1
""")


@asynccontextmanager
async def unobstructed(connection: AsyncConnection) -> AsyncIterator[None]:
    """Meanwhile our tables become others.

    Raises:
        Conflict: views that nobody took out of the way are in it; nothing was changed.
    """
    standing = list(await connection.scalars(_BLOCKERS)) if connection.dialect.name == POSTGRESQL else []
    try:
        yield
    except DBAPIError as error:
        if not standing or getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
            raise
        named = ", ".join(standing[:10])
        advice = "Let their owners drop them (those of DIRAC's tables: gridmask db views drop), and make them again afterwards."
        raise Conflict(f"The schema was left as it is, since views of it are in the way: {named}. {advice}") from error
