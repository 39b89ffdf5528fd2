"""``gridmask vo``."""

from __future__ import annotations

import typer

from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.domain.vo import ALL

app = typer.Typer()


@command(app, "list")
async def list_(session: Session) -> None:
    """List the VOs that exist, the aliases that the settings give them, and the last revision that changed each one's mask."""
    async with session.visit() as installation:
        revisions = await installation.vos.masks()
    aliases = {name: sorted(vo.aliases) for name, vo in session.settings.vo.items()}
    told = [
        {"vo": name, "aliases": aliases.get(name, []), "revision": revision}
        for name, revision in sorted(revisions.items(), key=lambda item: (item[0] != ALL, item[0]))
    ]
    lines = [(name, ", ".join(aliases.get(name, [])), str(revisions[name])) for name in (str(one["vo"]) for one in told)]
    session.out.show(lambda: {"vos": told}, table(("VO", "aliases", "mask revision"), lines, right=("mask revision",)))
