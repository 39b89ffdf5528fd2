"""``gridmask import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.options import DiracDatabase
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer()


@command(app, "dirac-cfg")
async def dirac_cfg(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The configuration, as DIRAC writes it, or a part of it.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help="Where the policy files go; else none are written.")
    ] = None,
    vo: Annotated[
        list[str] | None,
        typer.Option("--vo", metavar="VO", help="Whose policies; 'all' is the installation. Can be repeated; else everyone's."),
    ] = None,
    setup: Annotated[
        str | None, typer.Option("--setup", metavar="NAME", help="Which setup counts, in a DIRAC with several.")
    ] = None,
    as_meant: Annotated[
        bool, typer.Option("--as-meant", help="Take keys that DIRAC passes over as what they were most likely meant to be.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite policy files that say something else.")] = False,
) -> None:
    """Make policy files of DIRAC's ResourceStatus configuration, and tell what became of each section of it.

    The policies decide as they did in DIRAC. What it silently passed over, what had no effect there and what is otherwise
    here is told, and stands at the head of the files as well.
    """
    from gridmask.cli import importing
    from gridmask.cli.placing import Placing
    from gridmask.dirac_cfg import syntax
    from gridmask.policy_import.dirac import imported

    document = syntax.parse(_read(file), str(file))
    made = imported(document.root, _canonical(vo or ()), setup=setup, as_meant=as_meant)
    placing = Placing(into, {layer.file: layer.text(file.name) for layer in made.layers if layer.tables})
    placing.check(force=force or dry_run)
    if not dry_run:
        placing.write()
    session.out.show(
        lambda: importing.told(made, document.remarks, placing),
        *importing.shown(made, document.remarks, placing, dry_run=dry_run),
    )


def _canonical(names: Sequence[str]) -> tuple[str, ...]:
    from gridmask.domain.vo import canonical

    return tuple(dict.fromkeys(map(canonical, names)))


def _read(file: Path) -> bytes:
    from gridmask.domain.errors import InvalidRequest

    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror or 'cannot be read'}") from error


@command(app, "dirac-db")
async def dirac_db(
    session: Session,
    url: DiracDatabase,
    owner: Annotated[
        list[str] | None,
        typer.Option("--owner", metavar="CUT=WHOLE", help="The whole name of an owner that DIRAC cut. Can be repeated."),
    ] = None,
    management: Annotated[
        str,
        typer.Option("--management", metavar="NAME", help="What its database of downtimes is called; empty: leave it."),
    ] = "ResourceManagementDB",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only try: keep nothing. Nobody else can write meanwhile.")
    ] = False,
) -> None:
    """Take over statuses, tokens and history from DIRAC's own database, which is only read.

    What was interrupted goes on where it was. What was taken is not taken twice, so it can be repeated, as for what changed in
    DIRAC since.
    """
    from gridmask.cli import import_db
    from gridmask.dirac_db.source import Source
    from gridmask.service.dirac_import import DiracImport

    owners = import_db.renamed(owner or ())
    async with Source(url) as source, source.beside(management) as caches, session.visit(trying=dry_run) as installation:
        beside = caches if management and not source.is_file else None
        with import_db.progress() as heard:
            making = DiracImport(
                installation.inspector, session.actor, source, management=beside, owners=owners, progress=heard
            )
            report = await making.run()
    session.out.show(lambda: import_db.told(report, trying=dry_run), *import_db.shown(report, trying=dry_run))
