"""``gridmask policy show``, ``put`` and ``versions``: the policies of VOs that keep them by the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import told, words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.policy import count, line
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from rich.table import Table

    from gridmask.service.policy_layers import Put
    from gridmask.store.policy_layers import Version

Vo = Annotated[str, typer.Argument(metavar="VO", help="The VO, by its name or an alias.")]

SHOWN = 12
"""So many characters of a revision are shown to people."""

MOST = 2**31 - 1
"""So many versions a database can number."""


def register(app: typer.Typer) -> None:
    """Make them commands of ``app``."""
    command(app, "show")(show)
    command(app, "put")(put)
    command(app, "versions")(versions)


async def show(
    session: Session,
    vo: Vo,
    version: Annotated[
        int | None,
        typer.Option("--version", metavar="N", min=1, max=MOST, help="This version; else the last.", show_default=False),
    ] = None,
) -> None:
    """Print the policies of a VO that keeps them by the API, as they were written.

    Their version, and who put it when and why, is told on stderr.
    """
    async with session.visit() as installation:
        layer = await installation.policy_layers.show(vo, version)
    if session.out.as_json:
        session.out.show(lambda: told.policy_layer(layer))
        return
    session.out.write(layer.text.encode())
    session.out.note(f"# {_about(layer.version)}")


async def put(
    session: Session,
    vo: Vo,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What they are to be, in TOML.")],
    reason: Annotated[
        str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
    ],
    seen: Annotated[
        str | None,
        typer.Option("--seen", metavar="REVISION", help="Only if this is what is there; eight characters are enough."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file, and put nothing.")] = False,
) -> int:
    """Put the policies of a VO that keeps them by the API: check them, keep them, put them into force at once.

    All of that is done, or nothing; the exit code is 1 if they are refused.
    """
    text = _read(file)
    async with session.visit() as installation:
        checked = await installation.policy_layers.check(session.actor, vo, text, str(file))
        lines: list[str | Table] = [*map(line, (*checked.errors, *checked.warnings))]
        if checked.errors or dry_run:
            stays = "Nothing was put." if dry_run and not checked.errors else "This is refused; what is in force stays."
            said = f"{count(checked.errors, 'error')}, {count(checked.warnings, 'warning')}. {stays}"
            session.out.show(lambda: told.policy_check(text, checked), *lines, *([""] if lines else []), said)
            return 1 if checked.errors else 0
        names = None if seen is None else (seen,)
        made = await installation.policy_layers.put(session.actor, vo, text, reason, seen=names, place=str(file))
    session.out.show(lambda: told.policy_put(made), *lines, _became(made))
    return 0


async def versions(
    session: Session,
    vo: Vo,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, max=1000, help="How many to list at most.")] = 100,
    before: Annotated[
        int | None,
        typer.Option("--before", metavar="N", min=1, max=MOST, help="Those before this version.", show_default=False),
    ] = None,
) -> None:
    """List all that the policies of a VO ever were, while it kept them by the API; the last first."""
    async with session.visit() as installation:
        found = await installation.policy_layers.versions(vo, before=before, limit=limit)
    lines = [(str(one.number), one.revision[:SHOWN], words.moment(one.at), one.author, one.reason) for one in found]
    columns = ("version", "revision", "put at (UTC)", "by", "because")
    session.out.show(lambda: told.policy_versions(found, limit), table(columns, lines, right=("version",)))


def _read(file: Path) -> str:
    from gridmask.domain.errors import InvalidRequest

    try:
        # as it is, with whatever ends its lines
        return file.read_bytes().decode()
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file}: not UTF-8 text (byte {error.start}).") from error


def _about(version: Version) -> str:
    if not version.number:
        return f"{version.vo} has no policies of its own yet; revision {version.revision[:SHOWN]}"
    put_by = f"put by {version.author} at {words.moment(version.at)} UTC: {version.reason}"
    return f"Version {version.number} of the policies of {version.vo}, revision {version.revision[:SHOWN]}, {put_by}"


def _became(made: Put) -> str:
    version, outcome = made.layer.version, made.outcome
    led = f" Revision {outcome.revision}: {words.rows(len(outcome.changed))} changed." if outcome.revision else ""
    return f"Version {version.number} of the policies of {version.vo} is in force, revision {version.revision[:SHOWN]}.{led}"
