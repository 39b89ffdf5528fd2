"""``gridmask mask``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Absence, Entry

    Said = Mapping[str, Mapping[ElementKey, Entry | Absence]]


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "mask")(mask)


async def mask(
    session: Session,
    vo: Annotated[str, typer.Argument(metavar="VO", help="The VO, by any of its names; or 'all'.", show_default=False)],
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Lines for shells, or JSON, byte by byte as the server has it.")
    ] = "text",
    names: Annotated[
        list[str] | None, typer.Option("--name", metavar="NAME", help="About this element alone; can be repeated.")
    ] = None,
) -> None:
    """Print what a VO may use: each row of each element that is in service and offered to it.

    With --name, what cannot be used is told as well: not offered, out of service, or not known.
    """
    encoding = "json" if session.out.as_json else form
    async with session.visit() as installation:
        if not names:
            session.out.write((await installation.masks.serve(vo, encoding)).body)
            return
        canonical = await installation.vos.resolve(vo)
        said = await installation.masks.say(canonical, list(dict.fromkeys(names)))
        revision = (await installation.masks.revisions())[canonical]
    if encoding == "json":
        session.out.as_json = True
        session.out.show(_told(canonical, revision, said))
    else:
        session.out.write(_lines(canonical, revision, said).encode())


def _told(vo: str, revision: int, said: Said) -> dict[str, Any]:
    """Elements as in a whole mask, and what is absent with the reason."""
    from gridmask.domain.mask import Absence

    elements: list[dict[str, Any]] = []
    absent: list[dict[str, Any]] = []
    for name, found in said.items():
        absent += [] if found else [{"name": name, "absence": Absence.NOT_KNOWN}]
        for key, entry in found.items():
            if isinstance(entry, Absence):
                absent.append({**key._asdict(), "absence": entry})
            else:
                status = {status_type: status.label for status_type, status in entry.statuses}
                elements.append({**key._asdict(), "site": entry.site, "status": status})
    return {"vo": vo, "revision": revision, "elements": elements, "absent": absent}


def _lines(vo: str, revision: int, said: Said) -> str:
    """The lines of a mask; where it says nothing, ``-`` as the status type, and why instead of the status."""
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Absence, Entry, Mask
    from gridmask.feeds import mask_text

    present = {key: entry for found in said.values() for key, entry in found.items() if isinstance(entry, Entry)}
    text = mask_text.encode(Mask(vo, revision, present)).decode()
    for name, found in said.items():
        missing = {key: entry for key, entry in found.items() if isinstance(entry, Absence)}
        if not found:
            missing = {ElementKey("-", "-", name): Absence.NOT_KNOWN}
        text += "".join("\t".join((*key, "-", reason)) + "\n" for key, reason in missing.items())
    return text
