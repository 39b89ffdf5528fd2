"""The statements that make and drop the views."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select
from sqlalchemy.dialects import mysql, postgresql

from gridmask import __version__
from gridmask.domain.errors import InvalidRequest
from gridmask.store.dirac_views import shape
from gridmask.store.dirac_views.naming import Kind
from gridmask.store.dirac_views.past import history, journal
from gridmask.store.dirac_views.present import present
from gridmask.store.dirac_views.words import varchar

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Dialect, Select

MARKER = "GridmaskViews"
"""A view beside the others that tells what they are."""

MARKED = ("Tables", "ComputingType", "Program", "Definition")
"""Its columns: the schema of our tables, the type of computing elements, which program made them, and what tells them apart."""

PARTS = {shape.PRESENT: present, shape.JOURNAL: journal, shape.HISTORY: history}

_THEIRS = frozenset({"mysql", "sys", "information_schema", "performance_schema"})
_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")


def checked_schema(name: str) -> str:
    """``name``, which is to be that of a schema of ours.

    Raises:
        InvalidRequest: none should be called so.
    """
    if not _SCHEMA.fullmatch(name):
        raise InvalidRequest(
            f"{name!r} cannot be a schema's name here: up to 63 letters, digits and _ $ - can, a letter first."
        )
    if name.lower() in _THEIRS or name.lower().startswith("pg_"):
        raise InvalidRequest(f"{name!r} is a schema of the server itself. Choose another.")
    return name


@cache
def selects(kind: Kind, tables: str) -> Mapping[str, str]:
    """What each view selects, of our tables in the schema ``tables``; last, what the marker does."""
    made = {
        f"{family}{part}": _compiled(of(family, kind), kind, tables) for family in shape.FAMILIES for part, of in PARTS.items()
    }
    return {**made, MARKER: _compiled(_marker(kind, tables, fingerprint(made)), kind, tables)}


def fingerprint(made: Mapping[str, str]) -> str:
    """What tells these views from others."""
    return hashlib.sha256("\n".join(made[name] for name in shape.NAMES).encode()).hexdigest()[:16]


def script(kind: Kind, tables: str, schema: str) -> Iterator[str]:
    """The statements that make the views in ``schema``, or make them anew."""
    for name, question in selects(kind, tables).items():
        view = place(kind, schema, name)
        if kind.on_postgresql:
            # to replace a view is refused where its columns become others
            yield f"DROP VIEW IF EXISTS {view}"
            yield f"CREATE VIEW {view} AS {question}"
        else:
            yield f"CREATE OR REPLACE SQL SECURITY DEFINER VIEW {view} AS {question}"


def removal(kind: Kind, schema: str) -> Iterator[str]:
    """The statements that drop the views in ``schema``."""
    for name in (*shape.NAMES, MARKER):
        yield f"DROP VIEW IF EXISTS {place(kind, schema, name)}"


def making(kind: Kind, schema: str) -> str:
    """The statement that makes ``schema``, unless it is there."""
    return f"CREATE {'SCHEMA' if kind.on_postgresql else 'DATABASE'} IF NOT EXISTS {quoted(kind, schema)}"


def place(kind: Kind, schema: str, name: str) -> str:
    """How a view is named in a statement."""
    return f"{quoted(kind, schema)}.{quoted(kind, name)}"


def quoted(kind: Kind, name: str) -> str:
    """``name`` as an identifier."""
    return _dialect(kind).identifier_preparer.quote_identifier(name)


def _marker(kind: Kind, tables: str, definition: str) -> Select[Any]:
    told = zip(MARKED, (tables, kind.computing_type, __version__, definition), strict=True)
    columns: list[ColumnElement[str]] = [varchar(literal(value), 64).label(name) for name, value in told]
    marker: Select[Any] = select().add_columns(*columns)
    return marker


def _compiled(question: Any, kind: Kind, tables: str) -> str:  # noqa: ANN401 - a select, or several
    compiled = question.compile(
        dialect=_dialect(kind),
        compile_kwargs={"literal_binds": True},
        schema_translate_map={None: tables},
        render_schema_translate=True,
    )
    return str(compiled)


def _dialect(kind: Kind) -> Dialect:
    made: Dialect = postgresql.dialect() if kind.on_postgresql else mysql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return made
