"""``gridmask vo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.domain.errors import Conflict, InvalidConfiguration, InvalidRequest
from gridmask.domain.vo import ALL, canonical

app = typer.Typer()


@command(app, "list")
async def list_(session: Session) -> None:
    """List the VOs that exist, the aliases that the settings give them, and the last revision that changed each one's mask.

    And those that were retired.
    """
    async with session.visit() as installation:
        roll = await installation.vos.roll()
    aliases = {name: sorted(vo.aliases) for name, vo in session.settings.vo.items()}
    told = [
        {"vo": name, "aliases": aliases.get(name, []), "revision": revision, "retired_at": None}
        for name, revision in sorted(roll.masks.items(), key=lambda item: (item[0] != ALL, item[0]))
    ] + [
        {"vo": name, "aliases": aliases.get(name, []), "revision": None, "retired_at": retired_at}
        for name, retired_at in sorted(roll.retired.items())
    ]
    lines = [
        *(
            (name, ", ".join(aliases.get(name, [])), str(roll.masks[name]), "")
            for name in (str(one["vo"]) for one in told)
            if name in roll.masks
        ),
        *((name, "", "-", words.moment(retired_at)) for name, retired_at in sorted(roll.retired.items())),
    ]
    columns = ("VO", "aliases", "mask revision", "retired (UTC)")
    session.out.show(lambda: {"vos": told}, table(columns, lines, right=("mask revision",)))


@command(app, "add")
async def add(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="VO", help="What it is called. Case does not matter.")],
    reason: Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.")] = "",
) -> None:
    """Make a VO exist, for the first time or again.

    It gets the rows of its own that policies call for. Of everything else it sees the rows of all.
    """
    from gridmask.domain.instructions import SaveRow

    async with session.visit() as installation:
        outcome = await installation.vos.add(session.actor, name, reason)
        added = await installation.vos.resolve(name)
    opened = sum(isinstance(change, SaveRow) and change.after.key.vo == added for change in outcome.changed)
    said = f"Added the VO {added}: {words.rows(opened)} of its own began, for which policies call."
    session.out.show(lambda: {"vo": added, "revision": outcome.revision, "opened": opened}, said)


@command(app, "init")
async def init(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="VO", help="The VO, by its name or an alias.")],
    policies: Annotated[
        Path | None, typer.Option("--policies", metavar="DIR", help="In this directory; else the one that the settings name.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="To this file, which is in force nowhere.")
    ] = None,
) -> None:
    """Write a VO's policy file to begin with: it changes nothing, and shows how to.

    A file that is there already is left as it is. For a VO that keeps its policies by the API, say where to with --output, and
    put that file with `gridmask policy put`.
    """
    from gridmask.policies import files as policy_files
    from gridmask.policies import template as policy_template

    vo = canonical(name)
    vo = session.settings.vo_registry().aliases.get(vo, vo)
    path = _file_of(session, vo, policies, output)
    installation, _ = policy_files.load(policies or session.settings.policies, session.settings.managed_by_api())
    rules = {policy.name: policy_files.type_of(policy.rule) for policy in installation.policies if policy.layer == ALL}
    try:
        if output is None:
            path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(policy_template.layer(vo, installation, rules))
    except FileExistsError:
        raise Conflict(f"{path} is there already; it was left as it is.") from None
    except OSError as error:
        raise InvalidConfiguration(str(path), error.strerror or "cannot be written") from error
    undeclared = "" if vo in session.settings.vo else f" The settings do not declare the VO; for that, add a table [vo.{vo}]."
    session.out.show(lambda: {"vo": vo, "file": str(path)}, f"Wrote {path}. It changes nothing yet.{undeclared}")


def _file_of(session: Session, vo: str, directory: Path | None, output: Path | None) -> Path:
    """Where the policies of ``vo`` are to be written: to ``output``, else where they belong."""
    if vo == ALL:
        raise InvalidRequest(f"{ALL!r} stands for everyone and is no VO; its policies belong in {ALL}.toml.")
    if output is not None:
        return output
    if vo in session.settings.managed_by_api():
        raise Conflict(
            f"{session.config} says that the policies of {vo} are managed by the API; a file would be refused. Begin with "
            f"`gridmask vo init {vo} --output {vo}.toml`, change that, and `gridmask policy put {vo} {vo}.toml --reason ...`."
        )
    found = directory or session.settings.policies
    if found is None:
        raise InvalidRequest("Where to? The settings name no directory of policy files; give one with --policies.")
    return found / "vo" / f"{vo}.toml"


@command(app, "retire")
async def retire(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="VO", help="The VO, by its name or an alias.")],
    reason: Annotated[
        str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
    ],
) -> None:
    """Let a VO leave for good.

    Its own rows end, those too that people hold, and its mask is served no more. Its history stays. Inventories that go on
    naming it do not bring it back; `gridmask vo add` does.
    """
    from gridmask.domain.instructions import EndRow

    async with session.visit() as installation:
        retired = await installation.vos.resolve(name)
        _require_undeclared(session, retired)
        outcome = await installation.vos.retire(session.actor, name, reason)
    ended = [change.row for change in outcome.changed if isinstance(change, EndRow)]
    held = sorted({row.token.owner for row in ended if row.token is not None})
    by_whom = f", among them rows held by {', '.join(held)}" if held else ""
    said = f"Retired the VO {retired}: {words.rows(len(ended))} of its own ended{by_whom}. Its history stays."
    session.out.show(lambda: {"vo": retired, "revision": outcome.revision, "ended": len(ended), "held_by": held}, said)


def _require_undeclared(session: Session, name: str) -> None:
    if name in session.settings.vo:
        raise Conflict(
            f"{session.config} names the VO {name!r}, and would bring it back at the next start. "
            f"Take [vo.{name}] out of it first."
        )
