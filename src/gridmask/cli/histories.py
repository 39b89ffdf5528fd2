"""Histories that others have: the options that name them, for commands that make a recording of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gridmask.cli import times

if TYPE_CHECKING:
    from gridmask.cli.session import Session
    from gridmask.recording.recording import Recording

TOLD = 5
"""So many problems are told one by one."""

Downtimes = Annotated[
    Path | None,
    typer.Option("--downtimes", metavar="FILE", help="Versions of downtimes: a table (.csv), or OSG's history (.jsonl)."),
]
InventoryFile = Annotated[
    Path | None,
    typer.Option("--inventory", metavar="FILE", help="What there is: an inventory file (.toml), or OSG's (.xml, .jsonl)."),
]
Named = Annotated[
    bool, typer.Option("--named", help="Also elements that only downtimes name. Without --inventory, there are no others.")
]
EarlyVersions = Annotated[
    Literal["happened", "known", "omitted"],
    typer.Option(
        "--early",
        help="What versions of before --early-until are: known by their start, as if told in time; known when they say; or "
        "left out.",
    ),
]
EarlyUntil = Annotated[
    datetime | None,
    typer.Option(
        "--early-until",
        metavar=times.FORM,
        parser=times.day_or_moment,
        help="Up to when versions are early, since when they were known was not recorded yet. Else, of OSG's, 2018-05-22.",
    ),
]


def history(
    session: Session,
    downtimes: Path | None,
    inventory: Path | None,
    named: bool,
    early: str,
    early_until: datetime | None,
    since: datetime | None,
    until: datetime | None,
    policies: Path | None,
) -> Recording:
    """The recording of what the files tell; what is wrong with them is told.

    Raises:
        InvalidRequest, InvalidConfiguration, MalformedAnswer: it is too much.
    """
    from gridmask.domain.errors import InvalidRequest
    from gridmask.replay.importers import kinds
    from gridmask.replay.importers.histories import Early

    if downtimes is None:
        raise InvalidRequest("A history is made of downtimes: name their file with --downtimes.")
    made, problems = kinds.recorded(
        inventory,
        downtimes,
        policies=policies,
        early=Early(early),
        early_until=early_until,
        named=named,
        since=since,
        until=until,
    )
    for problem in problems[:TOLD]:
        session.out.note(problem)
    if len(problems) > TOLD:
        session.out.note(f"... and {len(problems) - TOLD:,} more problems.")
    return made
