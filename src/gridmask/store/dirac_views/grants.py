"""Who may read the views: PostgreSQL forgets it when a view is dropped, MariaDB does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from gridmask.store.dirac_views import shape
from gridmask.store.dirac_views.naming import Kind
from gridmask.store.dirac_views.script import MARKER, place
from gridmask.store.engines import POSTGRESQL

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_GRANTED = text("""
    SELECT c.relname, a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE n.nspname = :schema AND c.relname = ANY(:names) AND a.grantee != c.relowner
""")


async def grants(connection: AsyncConnection, schema: str) -> list[str]:
    """The statements that grant again what others may do with the views in ``schema``."""
    if connection.dialect.name != POSTGRESQL:
        return []
    found = await connection.execute(_GRANTED, {"schema": schema, "names": [*shape.NAMES, MARKER]})
    kind = Kind(on_postgresql=True)
    return [f"GRANT {privilege} ON {place(kind, schema, view)} TO {grantee}" for view, privilege, grantee in found]
