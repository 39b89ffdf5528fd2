"""``gridmask actuate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.service.actuators import ActuatorState, Drifting, Report

app = typer.Typer()


Name = Annotated[str, typer.Argument(metavar="NAME", help="The actuator, as the settings call it.")]
Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
]


@command(app, "list")
async def list_(session: Session) -> None:
    """List actuators, and how each fares."""
    from gridmask.api.actuators import ActuatorSaid, ActuatorsSaid

    async with session.visit() as installation:
        found = await installation.actuators.list(session.actor)
    columns = ("actuator", "kind", "VO", "state", "things", "as they should be", "held", "compared (UTC)", "why")
    session.out.show(
        lambda: ActuatorsSaid(actuators=list(map(ActuatorSaid.model_validate, found))),
        table(columns, map(_line, found), right=("things", "as they should be", "held"))
        if found
        else "The settings have no actuators: see [[rucio]], [[fts3]] and [[feed]].",
    )


@command(app, "plan")
async def plan(session: Session, name: Name) -> None:
    """Read the other system, and tell what would be done. Nothing is."""
    async with session.visit() as installation:
        found = await installation.actuators.plan(session.actor, name)
    _show(session, found, "All is as the mask says: there is nothing to do.")


@command(app, "drift")
async def drift(session: Session, name: Name) -> None:
    """Tell what was not as the mask says when the actuator last looked, since when, and who touched it."""
    async with session.visit() as installation:
        found = await installation.actuators.drift(session.actor, name)
    seen = found.actuator.compared_at
    _show(session, found, f"All was as the mask says at {words.moment(seen)} UTC." if seen else "It has not looked yet.")


@command(app, "run")
async def run(
    session: Session,
    name: Name,
    reason: Reason,
    every: Annotated[bool, typer.Option("--all", help="Let through also what is held.")] = False,
) -> None:
    """Do now what is to be done, and tell what is left. A dry run stays one."""
    async with session.visit() as installation:
        found = await installation.actuators.run(session.actor, name, reason, everything=every)
    _show(session, found, "All is as the mask says.")


def _show(session: Session, report: Report, none: str) -> None:
    from gridmask.api.actuators import DriftReport

    columns = ("thing", "is", "should be", "state", "since (UTC)", "touched by", "why")
    told = table(columns, map(_drift, report.drift)) if report.drift else _problem(report.actuator) or none
    session.out.show(lambda: DriftReport.model_validate(report), told)


def _problem(state: ActuatorState) -> str:
    return f"Nothing can be told since {words.moment(state.problem_since)} UTC: {state.problem}" if state.problem else ""


def _line(state: ActuatorState) -> tuple[str, ...]:
    counts = tuple(f"{number:,}" for number in (state.things, state.in_line, state.held))
    told = f"{state.state} (dry run)" if state.dry_run else state.state
    return state.name, state.kind, state.vo, told, *counts, words.moment(state.compared_at), words.brief(state.problem) or "-"


def _drift(one: Drifting) -> tuple[str, ...]:
    who = one.touched_by or "-"
    return one.thing, _states(one.found), _states(one.wished), one.state, words.moment(one.since), who, words.brief(one.detail)


def _states(states: Mapping[str, bool | str]) -> str:
    from gridmask.actions.actuating.values import in_words

    return ", ".join(f"{aspect} {in_words(state)}" for aspect, state in states.items()) or "-"
