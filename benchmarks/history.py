"""A long history, written by the database itself: SQL that makes any number of changes and audit records of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy.schema import CreateIndex

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.store.tables import changes as table

PER_REVISION = 10
"""So many rows change in each revision."""

STARTED = datetime(2023, 1, 1, tzinfo=UTC)
TICK = timedelta(seconds=60)
"""The time between two revisions."""

_AT_ONCE = 500_000
_PRIME = 7919  # rows change in an order that looks random, each as often as any other
_REASONS = msgspec.json.encode(
    (Reason(next(iter(ReasonKind)), "In downtime 1816, until somebody has looked at the cooling"),)
).decode()
_NUMBERS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT {low} UNION ALL SELECT i + 1 FROM n WHERE i < {high}) SELECT i FROM n) AS n",
    "mysql": "(SELECT seq AS i FROM seq_{low}_to_{high}) AS n",
    "postgresql": "(SELECT generate_series({low}::bigint, {high}::bigint) AS i) AS n",
}
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', {start} + ({revision}) * {tick}, 'unixepoch')",
    "mysql": "DATE_ADD('2023-01-01', INTERVAL ({revision}) * {tick} SECOND)",
    "postgresql": "to_timestamp({start} + ({revision}) * {tick})",
}
_QUOTIENT = {"sqlite": "({0}) / ({1})", "mysql": "({0}) DIV ({1})", "postgresql": "({0}) / ({1})"}


_IN_HASTE = {
    "sqlite": ("PRAGMA cache_size = -500000",),
    "mysql": ("SET foreign_key_checks = 0, unique_checks = 0",),
    "postgresql": ("SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'"),
}
_IN_THE_END = {"sqlite": (), "mysql": (), "postgresql": ("ANALYZE", "RESET ALL")}


def statements(kind: str, rows: int, changes: int) -> Iterator[str]:
    """What writes so many changes of so many rows on a database of a kind, and their audit records, in several parts.

    Indexes are made in the end: that takes a tenth of the time. One is needed by a foreign key on MariaDB.
    """
    indexes = {index.name: CreateIndex(index) for index in table.indexes}
    anew = {name: str(index) for name, index in indexes.items() if kind != "mysql" or "element" not in str(name)}
    yield from _IN_HASTE[kind]
    yield from (f"DROP INDEX {name}" + (" ON changes" if kind == "mysql" else "") for name in anew)
    for low in range(1, changes + 1, _AT_ONCE):
        yield _changes(kind, rows, low, min(low + _AT_ONCE - 1, changes))
    yield from anew.values()
    revisions = changes // PER_REVISION
    for low in range(1, revisions + 1, _AT_ONCE):
        high = min(low + _AT_ONCE - 1, revisions)
        yield (
            "INSERT INTO audit (at, actor, actor_kind, action, comment, revision) "
            f"SELECT {_moment(kind, 'i')}, 'gridmask', 'automation', 'downtimes', 'feed', i FROM {numbers(kind, low, high)}"
        )
    yield from _IN_THE_END[kind]


def _changes(kind: str, rows: int, low: int, high: int) -> str:
    revision = f"{_QUOTIENT[kind].format('i - 1', PER_REVISION)} + 1"
    old, new = _rest(kind, "i + 1", 5), _rest(kind, "i", 5)
    said = f"'status', {old}, {new}, '{_REASONS}', FALSE, 'gridmask', {_moment(kind, revision)}, FALSE"
    columns = "id, revision, element_id, status_type, vo, kind, old, new, reasons, binding, actor, at, token_agreed"
    return (
        f"INSERT INTO changes ({columns}) "
        f"SELECT i, {revision}, {_rest(kind, f'i * {_PRIME}', rows)} + 1, 'all', 'all', {said} FROM {numbers(kind, low, high)}"
    )


def _rest(kind: str, number: str, divisor: int) -> str:
    return f"({number}) % {divisor}" if kind == "sqlite" else f"MOD({number}, {divisor})"


def numbers(kind: str, low: int, high: int) -> str:
    """A subquery ``n`` of the numbers ``i`` from ``low`` to ``high``, on a database of a kind."""
    return _NUMBERS[kind].format(low=low, high=high)


def _moment(kind: str, revision: str) -> str:
    start = int(STARTED.timestamp())
    return _MOMENT[kind].format(start=start, revision=revision, tick=int(TICK.total_seconds()))
