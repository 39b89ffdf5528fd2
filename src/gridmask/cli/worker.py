"""``gridmask worker``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.engine import Part


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "worker", reads_sources=True)(worker)


async def worker(
    session: Session,
    kinds: Annotated[
        str,
        typer.Option(
            "--kinds",
            metavar="KIND,...",
            help="Only work of these kinds: read, evaluate, sweep, tidy, record, probe, deliver. Else of all.",
        ),
    ] = "",
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", metavar="N", help="How many sources to read at once, instead of the settings'.", min=1),
    ] = None,
    metrics: Annotated[
        int | None,
        typer.Option("--metrics", metavar="PORT", help="Tell metrics on this port of loopback.", min=0, max=65535),
    ] = None,
    mate: Annotated[str | None, typer.Option("--mate", hidden=True)] = None,
) -> None:
    """Do a share of the work: read sources, probe, decide, tell the outside.

    Any number of them, on any number of machines, where the settings have workers. Until Ctrl-C or SIGTERM.
    """
    from gridmask.api.crew import Mate
    from gridmask.api.exposing import exposed
    from gridmask.bootstrap import installation
    from gridmask.engine import Part
    from gridmask.traced import traced

    await session.check_takeover()
    started = Mate(mate) if mate else None
    part = Part("all") if started else Part("share", _kinds(kinds), concurrency)
    session.log_as(session.settings.logs)
    if started:
        started.begin()
    with traced(session.settings.tracing):
        async with installation(session.settings, part=part) as made, exposed(made, metrics) as told_at:
            if told_at is not None:
                session.out.note(f"Metrics are told at http://127.0.0.1:{told_at}/metrics.")
            if started:
                started.ready()
            else:
                session.out.note(_watching(made, part))
            await _run(made)


def _kinds(given: str) -> tuple[str, ...]:
    from gridmask.inspection.work import KINDS

    kinds = tuple(kind.strip() for kind in given.split(",") if kind.strip())
    if strange := [kind for kind in kinds if kind not in KINDS]:
        raise typer.BadParameter(f"there is no kind {strange[0]!r}; there are: {', '.join(KINDS)}", param_hint="'--kinds'")
    return kinds


async def _run(made: Installation) -> None:
    """Work until told to end."""
    import asyncio
    import signal

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:  # which waits until both have let go of what they hold
            tasks.create_task(made.loop.run())
            tasks.create_task(made.watch.ring())

    loop, working = asyncio.get_running_loop(), asyncio.create_task(both())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        if not working.cancelled():
            raise


def _watching(made: Installation, part: Part) -> str:
    kinds = ", ".join(part.kinds) or "all kinds"
    return f"Gridmask works at {made.database.url.render_as_string()}: {kinds} of work; Ctrl-C ends it."
