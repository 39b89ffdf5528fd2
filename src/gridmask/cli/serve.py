"""``gridmask serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.api.crew import Mate
    from gridmask.api.server import Opening
    from gridmask.cli.options import Options
    from gridmask.settings import Settings


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "serve", reads_sources=True)(serve)


async def serve(
    session: Session,
    host: Annotated[
        str | None, typer.Option("--host", metavar="HOST", help="The address to bind to, instead of the settings'.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="PORT", help="The port to bind to, instead of the settings'.", min=0, max=65535),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", metavar="N", help="So many processes serve; more than one: none of them works.", min=1, max=64
        ),
    ] = 1,
    no_loop: Annotated[
        bool, typer.Option("--no-loop", help="Serve, and do nothing else: other processes read, decide and tell.")
    ] = False,
    metrics: Annotated[
        int | None,
        typer.Option(
            "--metrics",
            metavar="PORT",
            help="Tell the metrics of this process on this port of loopback as well; of several, each on the next one.",
            min=1,
            max=65000,
        ),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Show a grid that does not exist, and a week of incidents in ten minutes.")
    ] = False,
    mate: Annotated[str | None, typer.Option("--mate", hidden=True)] = None,
) -> None:
    """Run everything: read sources, decide, serve masks by HTTP.

    Until Ctrl-C. Where the settings have workers do the work, it serves, and no more.
    """
    from gridmask.api.crew import Mate
    from gridmask.api.server import serve as serve_http

    if workers > 1:
        await _crew(session, (workers, metrics), host, port, works=not no_loop, demo=demo)
        return
    started = Mate(mate) if mate else None
    alone = no_loop or started is not None
    settings, opening = _demonstration(session.options) if demo else await _installation(session, alone=alone)
    session.log_as(settings.logs)
    if started:
        started.begin()
    await serve_http(
        settings,
        opening=opening,
        host=host,
        port=port,
        announce=lambda address: _announce(session, address, started),
        access_log=session.options.verbose,
        inherited=started.listening if started else None,
        metrics=metrics,
    )


def _announce(session: Session, address: str, started: Mate | None) -> None:
    if started:
        started.ready()
    else:
        session.out.note(f"Gridmask serves at {address}; Ctrl-C ends it.")


async def _crew(
    session: Session, size: tuple[int, int | None], host: str | None, port: int | None, *, works: bool, demo: bool
) -> None:
    from gridmask.api.crew import Crew, command_with

    if demo:
        raise typer.BadParameter("is played to one process, which has its database to itself", param_hint="'--demo'")
    await session.check_takeover()
    settings = session.settings
    session.log_as(settings.logs)
    count, metrics = size
    crew = Crew(settings, count, command_with(session.options.written()), works=works, metrics=metrics)
    announce = f"{count} processes serve Gridmask at"
    await crew.serve(
        host=host, port=port, announce=lambda address: session.out.note(f"{announce} {address}; Ctrl-C ends them.")
    )


async def _installation(session: Session, *, alone: bool) -> tuple[Settings, Opening]:
    from functools import partial

    from gridmask.bootstrap import installation
    from gridmask.engine import Part

    await session.check_takeover()
    settings = session.settings
    works = settings.engine.kind == "in-process" and not alone
    return settings, partial(installation, part=Part("all" if works else "nothing"))


def _demonstration(options: Options) -> tuple[Settings, Opening]:
    """What the demonstration consists of. Nothing of another installation may be given beside it."""
    from gridmask.demo import stage

    given = {"--config": options.config, "--database": options.database, "--source": options.sources}
    if strange := [name for name, value in given.items() if value]:
        raise typer.BadParameter(
            f"brings settings, database and sources of its own, beside which {strange[0]} has no effect; leave one of them out",
            param_hint="'--demo'",
        )
    return stage.settings(), stage.opened
