"""``gridmask dirac sync``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.dirac.options import family
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.settings import Settings

EVERYTHING = "all"


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "sync")(sync)


async def sync(
    session: Session,
    init: Annotated[bool, typer.Option("--init", help="Refused: statuses are not in the configuration any more.")] = False,
    element: Annotated[
        str, typer.Option("--element", metavar="FAMILY", help="Site, Resource, Node or all; an inventory is read whole.")
    ] = EVERYTHING,
    default_status: Annotated[
        str | None, typer.Option("--defaultStatus", metavar="STATUS", help="Of no effect: a new row is what policies say.")
    ] = None,
) -> int:
    """Read the inventories now: dirac-rss-sync.

    It reads all of them, whichever family is named, and no other source.
    """
    from gridmask.cli.reading import read, shown, succeeded, told
    from gridmask.domain.errors import InvalidRequest

    if init:
        raise InvalidRequest(
            "What DIRAC's rows were is taken over by 'gridmask import dirac-db'; to set a row is set-status. Nothing was read."
        )
    if element != EVERYTHING and family(element):
        session.out.note(f"Read as a whole, not only for {element}.")
    if default_status is not None:
        session.out.note("A new row is what the policies say of it, whatever --defaultStatus.")
    session.require_sources()
    names = list(_inventories(session.settings))
    if not names:
        raise InvalidRequest("None of the sources is an inventory.")
    await session.check_agreement()
    async with session.operate() as installation:
        readings = await read(session, installation, names)
    session.out.show(lambda: {"sources": [told(reading) for reading in readings]}, *shown(readings))
    return 0 if succeeded(readings) else 1


def _inventories(settings: Settings) -> Iterator[str]:
    from gridmask.kinds import InventoryKind
    from gridmask.plugins import kind_of

    return (source.name for source in settings.source if isinstance(kind_of(source), InventoryKind))
