"""``gridmask mask``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import times, told
from gridmask.cli.choices import one_of
from gridmask.cli.command import command
from gridmask.cli.output import Output
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.service.masks import Part

FORMATS, PURPOSES = ("text", "json", "vo-feed", "usable-sites", "ssb"), ("use", "test")


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "mask")(mask)


async def mask(
    session: Session,
    vo: Annotated[str, typer.Argument(metavar="VO", help="The VO, by any of its names; or 'all'.", show_default=False)],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            parser=one_of(*FORMATS),
            help="text, json, vo-feed, usable-sites or ssb: lines for shells, JSON, or a feed for others, byte by byte as the "
            "server has it.",
        ),
    ] = "text",
    names: Annotated[
        list[str] | None, typer.Option("--name", metavar="NAME", help="About this element alone; can be repeated.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(
            "--purpose",
            metavar="PURPOSE",
            parser=one_of(*PURPOSES),
            help="Only what may be used for this, use or test; tests may use what is Probing, too.",
        ),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option("--at", metavar=times.FORM, parser=times.moment, help="As it was at this moment in the past; else now."),
    ] = None,
) -> None:
    """Print what a VO may use.

    That is each row of each element that is in service and offered to it, with its status, as it was when a source was last
    read: nothing is read or evaluated now. With --name, what cannot be used is told as well: not offered, out of service, or
    not known; with --purpose, not usable. With --at, it is made again from the history of rows.
    """
    from gridmask.domain.status import Purpose

    if at is not None and names:
        raise typer.BadParameter("the past is told of whole masks only: leave out --name")

    encoding, what_for = "json" if session.out.as_json else form, None if purpose is None else Purpose(purpose)
    if names and encoding not in {"text", "json"}:
        raise typer.BadParameter(f"{encoding} is made of whole masks only: leave out --name")
    async with session.visit() as installation:
        if at is not None:
            session.out.write((await installation.past_masks.serve(vo, at, encoding, what_for)).body)
            return
        if not names:
            session.out.write((await installation.masks.serve(vo, encoding, what_for)).body)
            return
        part = await installation.masks.say(vo, dict.fromkeys(names), what_for)
    if encoding == "json":
        Output(as_json=True).show(lambda: told.part(part))
    else:
        session.out.write(_lines(part).encode())


def _lines(part: Part) -> str:
    """The lines of a mask; where it says nothing, ``-`` as the status type, and why instead of the status."""
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Absence, Entry, Mask
    from gridmask.feeds import mask_text

    present = {key: entry for found in part.said.values() for key, entry in found.items() if isinstance(entry, Entry)}
    text = mask_text.encode(Mask(part.vo, part.revision, present)).decode()
    for name, found in part.said.items():
        missing = {key: str(entry) for key, entry in found.items() if isinstance(entry, Absence)}
        missing |= {key: "not usable" for key, entry in found.items() if isinstance(entry, Entry) and not entry.statuses}
        if not found:
            missing = {ElementKey("-", "-", name): str(Absence.NOT_KNOWN)}
        text += "".join("\t".join((*key, "-", reason)) + "\n" for key, reason in missing.items())
    return text
