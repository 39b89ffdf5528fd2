"""What the views need and databases say differently: each a function of SQL, with what it is on MariaDB and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, type_coerce
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from gridmask.store.tables import elements

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.compiler import SQLCompiler

JOINT = " ###"
"""Stands between the texts of several reasons. DIRAC puts it behind each."""

UNREADABLE = "The reason has a character that cannot be shown here."


def varchar(value: ColumnElement[Any], length: int) -> ColumnElement[str]:
    """``value`` as a text that can have ``length`` characters, in all scripts whatever a client says of itself."""
    return cast(value, String(length).with_variant(mysql.CHAR(length, charset="utf8mb4"), "mysql"))


def as_text(value: ColumnElement[Any]) -> ColumnElement[str]:
    """``value``, which is kept as a text, as what it is kept as."""
    return type_coerce(value, String())


class seconds(FunctionElement[Any]):  # noqa: N801 - named as functions of SQL are
    """A moment as DIRAC writes it: in UTC and without saying so, the fraction of a second dropped."""

    name = "seconds"
    inherit_cache = True


@compiles(seconds, "mysql", "mariadb")
def _(element: seconds, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"CAST({compiler.process(element.clauses, **more)} AS DATETIME)"


@compiles(seconds, "postgresql")
def _(element: seconds, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    # a cast alone would round
    utc = f"({compiler.process(element.clauses, **more)}) AT TIME ZONE 'UTC'"
    return f"CAST(date_trunc('second', {utc}) AS TIMESTAMP(0) WITHOUT TIME ZONE)"


class written(FunctionElement[Any]):  # noqa: N801
    """A moment that is given as DIRAC writes it."""

    name = "written"
    inherit_cache = True


@compiles(written, "mysql", "mariadb")
def _(element: written, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"CAST({compiler.process(element.clauses, **more)} AS DATETIME)"


@compiles(written, "postgresql")
def _(element: written, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"CAST({compiler.process(element.clauses, **more)} AS TIMESTAMP(0) WITHOUT TIME ZONE)"


class told(FunctionElement[str]):  # noqa: N801
    """The texts of reasons, which are kept as JSON, in one; null: there are none."""

    name = "told"
    inherit_cache = True
    type = String()


@compiles(told, "mysql", "mariadb")
def _(element: told, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    listed = (
        f"JSON_TABLE({compiler.process(element.clauses, **more)}, '$[*]' COLUMNS (n FOR ORDINALITY, said TEXT PATH '$.text'))"
    )
    return f"(SELECT GROUP_CONCAT(one.said ORDER BY one.n SEPARATOR '{JOINT}') FROM {listed} AS one)"  # noqa: S608 - of our own


@compiles(told, "postgresql")
def _(element: told, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    kept = compiler.process(element.clauses, **more)
    listed = f"json_array_elements(CAST({kept} AS json)) WITH ORDINALITY AS one(said, n)"
    joined = f"(SELECT string_agg(one.said ->> 'text', '{JOINT}' ORDER BY one.n) FROM {listed})"  # noqa: S608 - likewise
    # there is no null character in its texts, and to ask for one fails: it would take the whole view with it
    return rf"CASE WHEN strpos({kept}, '\u0000') > 0 THEN '{UNREADABLE}' ELSE {joined} END"


class position(FunctionElement[int]):  # noqa: N801
    """Where in its first text the second stands; 0: nowhere."""

    name = "position"
    inherit_cache = True


@compiles(position, "mysql", "mariadb")
def _(element: position, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"INSTR({compiler.process(element.clauses, **more)})"


@compiles(position, "postgresql")
def _(element: position, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"strpos({compiler.process(element.clauses, **more)})"


class short_names(FunctionElement[str]):  # noqa: N801
    """MariaDB: a table of one record, with a name in a column as wide as DIRAC's.

    That the column is the same as the one in which the name is kept, the optimizer understands; of a cast, it does not.
    """

    name = "short_names"
    inherit_cache = True


@compiles(short_names, "mysql", "mariadb")
def _(element: short_names, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    collation = elements.dialect_options["mysql"]["collate"]
    column = f"name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE {collation} PATH '$'"
    return f"JSON_TABLE(JSON_ARRAY({compiler.process(element.clauses, **more)}), '$[*]' COLUMNS ({column}))"
