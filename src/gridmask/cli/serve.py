"""``gridmask serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session


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
) -> None:
    """Run everything: read sources, decide, serve masks by HTTP.

    Until Ctrl-C.
    """
    from gridmask.api.server import serve as serve_http

    await session.check_takeover()
    session.log("info")
    await serve_http(
        session.settings,
        host=host,
        port=port,
        announce=lambda address: session.out.note(f"Gridmask serves at {address}; Ctrl-C ends it."),
        access_log=session.options.verbose,
    )
