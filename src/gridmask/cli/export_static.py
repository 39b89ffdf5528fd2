"""``gridmask export static``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli.choices import one_of
from gridmask.cli.command import command
from gridmask.cli.mask import FORMATS
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.cli.output import Output
    from gridmask.service.static_copy import Copied, StaticCopy

_LEAST = 1.0


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "static")(static)


async def static(
    session: Session,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder; it is made if it is not there.", show_default=False)
    ],
    vos: Annotated[
        list[str] | None, typer.Option("--vo", metavar="VO", help="This VO's mask alone, or that of 'all'; can be repeated.")
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", metavar="FORMAT", parser=one_of(*FORMATS), help="In this format alone; can be repeated. Else in all."
        ),
    ] = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="So many revisions of each mask stay there.")] = 3,
    every: Annotated[
        float | None,
        typer.Option("--every", min=_LEAST, metavar="SECONDS", help="Go on, and look again so often; until it is ended."),
    ] = None,
    no_checked: Annotated[
        bool, typer.Option("--no-checked", help="Leave out checked.json, which is another each time.")
    ] = False,
) -> None:
    """Keep the masks in files that a web server, a cache, rsync or CVMFS can carry.

    Each is there as it is and packed with gzip and zstd. What did not change is not touched; whoever reads meanwhile finds what
    was there before, or what is there now.
    """
    import asyncio

    from gridmask.service.masks import FORMATS as ALL
    from gridmask.service.static_copy import StaticCopy

    async with session.visit() as installation:
        copy = StaticCopy(
            installation.masks,
            installation.board,
            folder,
            frozenset(vos or ()),
            tuple(dict.fromkeys(formats or ALL)),
            keep,
            tell_checked=not no_checked,
            aliases=installation.settings.vo_registry().aliases,
        )
        _tell(session.out, await copy.write())
        while every is not None:
            await asyncio.sleep(every)
            await _again(session.out, copy)


async def _again(out: Output, copy: StaticCopy) -> None:
    """What cannot be done now is tried the next time; what is there stays."""
    from gridmask.domain.errors import GridmaskError

    try:
        copied = await copy.write()
    except GridmaskError as error:
        out.note(f"The copy stays as it was: {error}")
        return
    if copied.index or copied.written or copied.dropped:
        _tell(out, copied)


def _tell(out: Output, copied: Copied) -> None:
    new = f"{copied.written:,} of them new" if copied.written else "all as they were"
    dropped = f"; {copied.dropped:,} old ones dropped" if copied.dropped else ""
    out.show(lambda: _told(copied), f"Masks: {copied.masks:,}, {new}{dropped}.")


def _told(copied: Copied) -> dict[str, Any]:
    return {
        "masks": copied.masks,
        "written": copied.written,
        "dropped": copied.dropped,
        "index": copied.index,
        "checked_at": copied.checked_at,
    }
