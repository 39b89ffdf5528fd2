"""``gridmask sync``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.reading import read, rehearse, shown, succeeded, told
from gridmask.cli.session import Session


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "sync", reads_sources=True)(sync)


async def sync(
    session: Session,
    names: Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="The sources to read; else all.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Even if an answer takes out more of what is known than its source may.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do, with these settings.")] = False,
) -> int:
    """Read sources now, and decide what follows.

    Inventories come first. It works beside a running server, with the settings that are in force there. A dry run may have
    other settings: it tells what they would do.
    """
    session.require_sources()
    if dry_run:
        return await _tell(session, names or (), force=force)
    await session.check_agreement()
    async with session.operate() as installation:
        readings = await read(session, installation, names or (), force=force)
    session.out.show(lambda: {"sources": [told(reading) for reading in readings]}, *shown(readings))
    return 0 if succeeded(readings) else 1


async def _tell(session: Session, names: Sequence[str], *, force: bool) -> int:
    """Tell what reading the sources would do."""
    from gridmask.cli import rehearsal

    readings = await rehearse(session, names, force=force)
    session.out.show(
        lambda: {"sources": [told(reading) for reading in readings], "would": rehearsal.told(readings)},
        *shown(readings),
        *rehearsal.shown(readings),
        "",
        "Nothing was changed.",
    )
    return 0 if succeeded(readings) else 1
