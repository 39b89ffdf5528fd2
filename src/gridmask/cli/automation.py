"""``gridmask automation``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import told, words
from gridmask.cli.command import command
from gridmask.cli.custody import Reason, Trying
from gridmask.cli.naming import Family, Matches, Site, SomeNames, Type, elements, patterns
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.domain.automation import Mode
from gridmask.domain.errors import NotKnown
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.domain.matching import Match
    from gridmask.service.automation import Ruled
    from gridmask.service.selection import ElementName

app = typer.Typer()


def _mode(name: str) -> Mode:
    try:
        return Mode.parse(name)
    except NotKnown as error:
        raise typer.BadParameter(str(error)) from error


Vo = Annotated[
    str,
    typer.Option("--vo", metavar="VO", help="For this VO's rows; 'all' is those of every VO without a decision of its own."),
]


@command(app, "list")
async def list_(
    session: Session,
    vo: Annotated[str | None, typer.Option("--vo", metavar="VO", help="What counts for this VO alone.")] = None,
) -> None:
    """List how far automation goes with elements, where people decided, and with all others."""
    async with session.visit() as installation:
        found, automation = await installation.automation.list(vo), installation.automation
        layers = [f"Elsewhere, by the policies of {layer}: {mode}." for layer, mode in sorted(automation.by_layer.items())]
    columns = ("element", "for", "automation", "by", "at (UTC)", "why")
    listed = [table(columns, map(_line, found))] if found else []
    session.out.show(lambda: told.automation(automation, found), *listed, *(layers or [f"Elsewhere: {Mode.FULL}."]))


@command(app, "set")
async def set_(
    session: Session,
    mode: Annotated[Mode, typer.Argument(metavar="MODE", parser=_mode, help=", ".join(Mode) + ".", show_default=False)],
    reason: Reason,
    names: SomeNames = None,
    type_: Type = None,
    family: Family = None,
    vo: Vo = ALL,
    site: Site = None,
    match: Matches = None,
    trying: Trying = False,
) -> None:
    """Let automation go so far with elements, and no further, until somebody decides otherwise."""
    await _rule(session, _chosen(names, type_, family, site, match), vo, mode, reason, trying=trying)


@command(app, "clear")
async def clear(
    session: Session,
    reason: Reason,
    names: SomeNames = None,
    type_: Type = None,
    family: Family = None,
    vo: Vo = ALL,
    site: Site = None,
    match: Matches = None,
    trying: Trying = False,
) -> None:
    """Let automation go as far with elements as with all others again."""
    await _rule(session, _chosen(names, type_, family, site, match), vo, None, reason, trying=trying)


async def _rule(
    session: Session, chosen: Sequence[ElementName | Match], vo: str, mode: Mode | None, reason: str, *, trying: bool
) -> None:
    async with session.visit(trying=trying) as installation:
        outcome, keys = await installation.automation.rule(session.actor, chosen, vo, mode, reason)
    what = f"Automation of {words.elements(len(keys))} for {vo}: {mode or 'as elsewhere'}."
    came_of_it = f"{words.rows(len(outcome.changed))} changed" if outcome.changed else "no row changed"
    said = f"{what} By that, {came_of_it}." if not trying else f"{what} Tried: {came_of_it}, and all was undone."
    answer = {"elements": len(keys), "revision": outcome.revision, "changed": len(outcome.changed)}
    session.out.show(lambda: answer, said)


def _chosen(
    names: Sequence[str] | None, type_: str | None, family: str | None, site: str | None, match: Sequence[str] | None
) -> Sequence[ElementName | Match]:
    from gridmask.service.selection import elements_that_match

    wanted = patterns(names, site, match, type=type_, family=family)
    return (elements_that_match(wanted),) if wanted else elements(names or (), type_, family)


def _line(ruled: Ruled) -> tuple[str, ...]:
    one = ruled.ruling
    return str(ruled.element), ruled.vo, one.mode, one.by, words.moment(one.at), one.reason
