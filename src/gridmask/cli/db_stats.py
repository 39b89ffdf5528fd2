"""``gridmask db stats``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    import typer

    from gridmask.store.stats import Stats, TableSize

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "stats")(stats)


async def stats(session: Session) -> None:
    """Tell how large the database is, how fast it grows, and what is slow in it. Reads all of it, and changes nothing."""
    from gridmask.clock import system_clock
    from gridmask.service.in_force import require_something
    from gridmask.store.database import Database
    from gridmask.store.stats import stats as look

    async with Database(session.settings.database) as database:
        require_something(database, session.settings.database)
        found = await look(database, system_clock())
    session.out.show(lambda: _told(found), *_shown(found))


def _told(found: Stats) -> dict[str, Any]:
    tables = [{"table": one.name, "rows": one.rows, "bytes": one.bytes, "indexes": dict(one.indexes)} for one in found.tables]
    whole = {"kind": found.kind, "schema": found.schema, "tables": tables, "figures": dict(found.figures)}
    times = {
        name: moment.isoformat() if moment else None for name, moment in (("oldest", found.oldest), ("newest", found.newest))
    }
    return {**whole, "changes_per_day": dict(found.per_day), **times}


def _shown(found: Stats) -> list[Any]:
    lines = table(("table", "rows", "size", "indexes"), map(_line, found.tables), right=("rows", "size", "indexes"))
    total = sum(found.per_day.values())
    busiest = max(found.per_day.items(), key=lambda day: day[1], default=None)
    grown = f"In the last 30 days, rows changed {total:,} times"
    grown += f", most on {busiest[0]}: {busiest[1]:,} times." if busiest else "."
    oldest, newest = words.moment(found.oldest, "never"), words.moment(found.newest, "never")
    kept = f"The first change that is kept was {oldest}, the last {newest} (UTC)."
    figures = [f"{name}: {_figure(name, value)}" for name, value in found.figures.items()]
    return [lines, "", grown, kept, "", *figures]


def _line(one: TableSize) -> tuple[str, ...]:
    known = [size for size in one.indexes.values() if size is not None]
    indexes = "-" if one.indexes and not known else _size(sum(known))
    return one.name, f"{one.rows:,}", "-" if one.bytes is None else _size(one.bytes), indexes


def _figure(name: str, value: int) -> str:
    return _size(value) if name.endswith("bytes") else f"{value:,}"


def _size(count: int) -> str:
    size = float(count)
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            break
        size /= _STEP
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
