"""``gridmask inspect``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import reading, times
from gridmask.cli.command import command
from gridmask.cli.session import Session
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from rich.table import Table

    from gridmask.bootstrap import Installation
    from gridmask.cli.reading import Reading
    from gridmask.domain.mask import Mask

Counts = Mapping[str, Mapping[Status, int]]
"""How many rows have which status, by element type."""


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "inspect", reads_sources=True)(inspect)


async def inspect(
    session: Session,
    once: Annotated[bool, typer.Option("--once", help="Once, and print what came of it; else for ever, until Ctrl-C.")] = False,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            metavar=times.FORM,
            parser=times.moment,
            help="Hold the clock at this moment, for a trial; the database must be new or ephemeral.",
        ),
    ] = None,
    vo: Annotated[str, typer.Option("--mask", metavar="VO", help="Whose mask to sum up in the end.")] = ALL,
    force: Annotated[
        bool,
        typer.Option("--force", help="With --once: even if an answer takes out more of what is known than its source may."),
    ] = False,
) -> int:
    """Read sources and decide, without the HTTP server.

    All sources are read, inventories first; then what is due is evaluated, and then every row. This leaves nothing behind:

    gridmask inspect --once --database ephemeral --source toml=inventory.toml --mask cms
    """
    session.require_sources()
    if once:
        return await _once(session, at, vo, force=force)
    if at is not None:
        raise typer.BadParameter("needs --once: a loop whose clock stands still would wait for ever", param_hint="'--at'")
    await _for_ever(session)
    return 0


async def _once(session: Session, at: datetime | None, vo: str, *, force: bool) -> int:
    from gridmask.clock import fixed_clock

    if at is None:
        await session.check_takeover()
    else:
        await _require_new(session)
    async with session.operate(fixed_clock(at) if at else None) as installation:
        readings = await reading.read(session, installation, force=force)
        # what is only tried must not be told to the outside
        changed = await installation.loop.once(tell=at is None and not session.is_ephemeral)
        mask = await installation.masks.mask(vo)
        now = installation.clock()
    _show(session, readings, changed, mask, now)
    return 0 if reading.succeeded(readings) else 1


def _show(session: Session, readings: Sequence[Reading], changed: int, mask: Mask, now: datetime) -> None:
    counts = _counted(mask)
    told = {
        "at": now,
        "sources": [reading.told(one) for one in readings],
        "changed_by_sweep": changed,
        "mask": {"vo": mask.vo, "revision": mask.revision, "elements": len(mask.entries), "counts": _told(counts)},
    }
    swept = [f"The sweep changed {changed:,} more."] if changed else []
    title = f"Mask of {mask.vo} at {now:%Y-%m-%d %H:%M} UTC: revision {mask.revision}, {len(mask.entries):,} elements."
    session.out.show(lambda: told, *reading.shown(readings), "", *swept, title, "", _shown(counts))


async def _for_ever(session: Session) -> None:
    from gridmask.engine import Part

    await session.check_takeover()
    async with session.operate(part=Part("all" if session.settings.engine.kind == "in-process" else "share")) as installation:
        session.log("info")
        session.out.note(_watching(installation))
        await installation.loop.run()


def _watching(installation: Installation) -> str:
    names = ", ".join(source.name for source in installation.settings.source)
    return f"gridmask: reading {names} into {installation.database.url.render_as_string()}; Ctrl-C ends it"


async def _require_new(session: Session) -> None:
    """Check that a clock of another time can do no harm."""
    from gridmask.domain.errors import InvalidRequest
    from gridmask.service import in_force

    if await in_force.of_database(session.settings.database) is not None:
        raise InvalidRequest(
            "--at is for trials: what is known in this database was learnt at other times. "
            "Use a new database, or --database ephemeral."
        )


def _counted(mask: Mask) -> Counts:
    counted: dict[str, Counter[Status]] = {}
    for key, entry in mask.entries.items():
        counted.setdefault(key.type, Counter()).update(status for _, status in entry.statuses)
    return dict(sorted(counted.items()))


def _told(counts: Counts) -> dict[str, Any]:
    return {type_: {status.label: counted[status] for status in Status if counted[status]} for type_, counted in counts.items()}


def _shown(counts: Counts) -> Table:
    from gridmask.cli.output import coloured, table

    present = [status for status in Status if any(counted[status] for counted in counts.values())]
    lines = [(type_, *(f"{counted[s]:,}" if counted[s] else "-" for s in present)) for type_, counted in counts.items()]
    total = ("total", *(f"{sum(counted[s] for counted in counts.values()):,}" for s in present))
    columns = ("type", *(str(coloured(status)) for status in present))
    return table(columns, [*lines, total] if len(lines) > 1 else lines, right=columns[1:])
