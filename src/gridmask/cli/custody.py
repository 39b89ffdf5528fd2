"""The options by which commands are told how rows are dealt with, and what is told of it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import times, words

if TYPE_CHECKING:
    from gridmask.service.statuses import Seen as SeenRow
    from gridmask.service.tokens import Wanted

Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after you.", show_default=False)
]
Why = Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="Why.")]
Until = Annotated[
    datetime | None,
    typer.Option(
        "--until",
        metavar=times.FORM,
        parser=times.moment,
        help="When automation takes over again; else in a day, as is customary.",
    ),
]
Lasting = Annotated[bool, typer.Option("--lasting", help="Not before it is released.")]
Agreed = Annotated[
    bool, typer.Option("--until-agreed", help="Once automation asks for the very status that a row has; at --until, if given.")
]
Review = Annotated[
    datetime | None,
    typer.Option(
        "--review", metavar=times.FORM, parser=times.moment, help="When to look at it again; else at its end, or in a month."
    ),
]
Seen = Annotated[
    int | None,
    typer.Option("--seen", metavar="REVISION", help="Only if nothing changed since this revision, in which you saw it.", min=0),
]
Trying = Annotated[bool, typer.Option("--dry-run", help="Tell what it would come to, and change nothing.")]


def wanted_term(until: datetime | None, lasting: bool, agreed: bool, review: datetime | None) -> Wanted:
    """For how long rows are to be held."""
    from gridmask.service.tokens import Wanted

    if lasting and until is not None:
        raise typer.BadParameter("contradicts --lasting; take one of them", param_hint="'--until'")
    return Wanted(until, lasting, agreed, review)


def done(now_are: Sequence[SeenRow], revision: int | None, *, trying: bool = False) -> list[str]:
    """What became of rows, a line each."""
    is_ = "would be" if trying else "is"
    lines = [f"{words.row(seen.row.key)} {is_} {seen.row.status.label} for {seen.vo}, {holder(seen)}." for seen in now_are]
    if trying:
        return [*lines, f"Tried on {words.rows(len(now_are))}; nothing was changed."]
    return [*lines, f"Revision {revision}." if revision else "Nothing changed by that."]


def holder(seen: SeenRow) -> str:
    """Whose a row is, and until when."""
    token = seen.row.token
    if token is None:
        return "as automation decides"
    ends = f"until {words.utc(token.expires_at)}" if token.expires_at else "until released"
    agreed = ", or automation agrees" if token.agreed else ""
    return f"held by {token.owner} {ends}{agreed}" + (", and binding" if seen.row.binding else "")
