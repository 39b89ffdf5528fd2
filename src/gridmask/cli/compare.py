"""``gridmask compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import times
from gridmask.cli.command import command
from gridmask.cli.options import DiracDatabase
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.http import Access

app = typer.Typer()

TOKEN_VARIABLE = "GRIDMASK_DIRACX_TOKEN"  # noqa: S105 - the name of a variable
"""Where a token for DiracX can be, instead of a file."""

_OnlyUsable = Annotated[
    bool, typer.Option("--only-usable-differences", help="Only rows that may be used by one of the two and not by the other.")
]
_Opinions = Annotated[
    bool, typer.Option("--opinions", help="Compare with what automation would set, and not with what is in force.")
]


@command(app, "dirac-db")
async def dirac_db(
    session: Session,
    url: DiracDatabase,
    vo: Annotated[
        str | None,
        typer.Option("--vo", metavar="VO", help="As readers of this VO see both; else row by row, of all and of each VO."),
    ] = None,
    only_usable: _OnlyUsable = False,
    opinions: _Opinions = False,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar=times.FORM, help="When the two disagreed about what may be used, from then to now."),
    ] = None,
    longer_than: Annotated[
        str, typer.Option("--longer-than", metavar="SPAN", help="With --since: shorter disagreements are passed over.")
    ] = "1m",
) -> int:
    """Tell how what may be used here differs from what DIRAC's own database says. Nothing is changed, here or there.

    Exit code 0: readers may use the same by both; 1: they may not.
    """
    from gridmask.cli import comparing, disputing
    from gridmask.cli.import_db import progress
    from gridmask.dirac_db.source import Source
    from gridmask.service.comparison import Comparisons
    from gridmask.service.dirac_reading import DiracReading

    began, least = times.moment(since) if since is not None else None, times.length(longer_than)
    async with Source(url) as source, session.visit() as installation, source.one_moment():
        comparisons = Comparisons(installation.inspector, opinions=opinions)
        with progress() as heard:
            reading = DiracReading(installation.inspector, source, heard)
            about = comparing.About("DIRAC", opinions=opinions, only_usable=only_usable, report=reading.report)
            if began is not None:
                past = await comparisons.over_time(await reading.past(), vo, began, least)
                session.out.show(lambda: disputing.told(past), *disputing.shown(past, about))
                return 0 if past.is_equal else 1
            made = await comparisons.now(await reading.present(), vo)
    session.out.show(lambda: comparing.told(made, about), *comparing.shown(made, about))
    return 0 if made.is_equal else 1


@command(app, "diracx")
async def diracx(
    session: Session,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where DiracX is, as https://diracx.example.org.")],
    vo: Annotated[
        str | None, typer.Option("--vo", metavar="VO", help="The VO of the token's holder, if it does not say.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="FILE", help=f"Has an access token for DiracX; else ${TOKEN_VARIABLE} has."),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="PATH", help="Which CAs to trust for it: a file or folder.")
    ] = None,
    only_usable: _OnlyUsable = False,
    opinions: _Opinions = False,
) -> int:
    """Tell how what a VO may use here differs from what DiracX tells its users. Nothing is changed, here or there.

    Exit code 0: readers may use the same by both; 1: they may not.
    """
    from gridmask import bootstrap
    from gridmask.cli import comparing
    from gridmask.diracx import rss, token
    from gridmask.service.comparison import Comparisons

    access = _access(token_file, ca)
    reader = token.reader(access, vo)
    async with session.visit() as installation, bootstrap.reader(session.settings) as client:
        comparisons = Comparisons(installation.inspector, opinions=opinions)
        name = await installation.vos.resolve(reader)
        made = await comparisons.now(await rss.read(client, url, access, name), name)
    about = comparing.About("DiracX", opinions=opinions, only_usable=only_usable)
    session.out.show(lambda: comparing.told(made, about), *comparing.shown(made, about))
    return 0 if made.is_equal else 1


def _access(token_file: Path | None, ca: Path | None) -> Access:
    import os

    from gridmask.http import Access

    return Access(token_file=token_file, ca=ca, token_variable=TOKEN_VARIABLE if TOKEN_VARIABLE in os.environ else "")
