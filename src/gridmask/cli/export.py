"""``gridmask export``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import export_static, times, words
from gridmask.cli.command import command
from gridmask.cli.options import DiracDatabase
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.service.dirac_return import Return

app = typer.Typer()


export_static.register(app)


@command(app, "dirac-sql")
async def dirac_sql(
    session: Session,
    url: DiracDatabase,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar=times.FORM, help="Only what changed here since then; else all that differs."),
    ] = None,
) -> None:
    """Print SQL that makes DIRAC's own tables say what is so here, for going back. DIRAC's database is only read."""
    from gridmask.dirac_db.source import Source
    from gridmask.dirac_db.writing import script
    from gridmask.service.dirac_reading import DiracReading
    from gridmask.service.dirac_return import to_return

    began = times.moment(since) if since is not None else None
    async with Source(url) as source, session.visit() as installation:
        async with source.one_moment():
            standing = await DiracReading(installation.inspector, source).standing()
        made = await to_return(installation.inspector, session.actor, standing, began)
    if session.out.as_json:
        session.out.show(lambda: _told(made))
        return
    session.out.write("".join(f"{line}\n" for line in script(made.entries, made.now)).encode())
    for line in _notes(made):
        session.out.note(line)


def _notes(made: Return) -> Iterator[str]:
    new = sum(entry.is_new for entry in made.entries)
    yield f"{words.rows(len(made.entries))} to write, {new:,} of them new; {made.unchanged:,} are in DIRAC as they are here."
    if made.earlier:
        yield f"{words.rows(made.earlier)} differ since before that time; without --since, they are written as well."
    if made.left_out:
        names = ", ".join(map(str, sorted(made.left_out)[:3]))
        yield f"{words.elements(len(made.left_out))} of DIRAC's not in service here: {names}. They stay as they are there."
    if made.without_vo:
        yield f"{words.rows(made.without_vo)} of VOs have no place in tables without a VO column."


def _told(made: Return) -> dict[str, Any]:
    return {
        "rows": [{"table": entry.table.name, "new": entry.is_new, **entry.columns(made.now)} for entry in made.entries],
        "unchanged": made.unchanged,
        "earlier": made.earlier,
        "left_out": [{"type": key.type, "name": key.name} for key in sorted(made.left_out)],
        "without_vo": made.without_vo,
    }
