"""What a user of the database may do: what to grant to those who read the views, and what to ask for to make them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from gridmask.domain.errors import InvalidRequest
from gridmask.store.dirac_views import shape
from gridmask.store.dirac_views.script import quoted

if TYPE_CHECKING:
    from gridmask.store.dirac_views.naming import Kind

_MARIADB_REFUSALS = frozenset({1044, 1142, 1143, 1227})
"""MariaDB's codes for: no access to a database, a table, a column; a privilege is needed."""

_POSTGRESQL_REFUSAL = "42501"


def reading(kind: Kind, schema: str, reader: str, *, beside_tables: bool) -> Iterator[str]:
    """The statements by which ``reader``, as an account is written in SQL, may read the views in ``schema`` and nothing else.

    ``beside_tables``: our tables are in the same schema.
    """
    where = quoted(kind, schema)
    if kind.on_postgresql:
        yield f"GRANT USAGE ON SCHEMA {where} TO {reader}"
    if kind.on_postgresql or beside_tables:
        views = [f"{where}.{quoted(kind, name)}" for name in shape.NAMES]
        # MariaDB grants one thing at a time
        for part in [", ".join(views)] if kind.on_postgresql else views:
            yield f"GRANT SELECT ON {part} TO {reader}"
    else:
        yield f"GRANT SELECT ON {where}.* TO {reader}"


@contextmanager
def refusals(kind: Kind, schema: str, user: str) -> Iterator[None]:
    """Tell the refusal of a right to make views in ``schema``, and how ``user``, as written in SQL, gets it."""
    try:
        yield
    except DBAPIError as error:
        if not _is_refusal(error):
            raise
        said = " ".join(str(error.orig).split())
        raise InvalidRequest(
            f"The views cannot be made or dropped in {schema!r}: {said} {_advice(kind, schema, user)}"
        ) from error


def _advice(kind: Kind, schema: str, user: str) -> str:
    where = quoted(kind, schema)
    if kind.on_postgresql:
        needed = f"CREATE SCHEMA IF NOT EXISTS {where}; GRANT USAGE, CREATE ON SCHEMA {where} TO {user};"
    else:
        needed = f"CREATE DATABASE IF NOT EXISTS {where}; GRANT SELECT, CREATE VIEW, SHOW VIEW, DROP ON {where}.* TO {user};"
    return f"Let its administrator run: {needed} or what 'gridmask db views show' prints."


def _is_refusal(error: DBAPIError) -> bool:
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return number in _MARIADB_REFUSALS or getattr(error.orig, "sqlstate", None) == _POSTGRESQL_REFUSAL
