"""``gridmask serve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session

if TYPE_CHECKING:
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
    demo: Annotated[
        bool, typer.Option("--demo", help="Show a grid that does not exist, and a week of incidents in ten minutes.")
    ] = False,
) -> None:
    """Run everything: read sources, decide, serve masks by HTTP.

    Until Ctrl-C.
    """
    from gridmask.api.server import serve as serve_http

    settings, opening = _demonstration(session.options) if demo else await _installation(session)
    session.log("info")
    await serve_http(
        settings,
        opening=opening,
        host=host,
        port=port,
        announce=lambda address: session.out.note(f"Gridmask serves at {address}; Ctrl-C ends it."),
        access_log=session.options.verbose,
    )


async def _installation(session: Session) -> tuple[Settings, Opening]:
    from gridmask.bootstrap import installation

    await session.check_takeover()
    return session.settings, installation


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
