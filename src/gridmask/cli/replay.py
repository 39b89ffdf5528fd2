"""``gridmask replay``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridmask.cli import times
from gridmask.cli.command import command
from gridmask.cli.histories import Downtimes, EarlyUntil, EarlyVersions, InventoryFile, Named
from gridmask.cli.judging import Against, FailIf, JUnit, Proposals, Reports, RunUp, WithScores
from gridmask.cli.recording import Since, Until
from gridmask.cli.session import Session


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "replay")(replay)


async def replay(
    session: Session,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A recording; else what the database has, or --downtimes tell.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option("--policies", metavar="DIR", help="The policies to decide by; else it is as it was.")
    ] = None,
    since: Since = None,
    until: Until = None,
    downtimes: Downtimes = None,
    inventory: InventoryFile = None,
    named: Named = False,
    early: EarlyVersions = "happened",
    early_until: EarlyUntil = None,
    changes: Annotated[
        Path | None,
        typer.Option(
            "--changes", metavar="FILE", help="Write every change to this file: lines of JSON (.jsonl) or CSV (.csv)."
        ),
    ] = None,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="With decisions that change no status, and what each policy said.")
    ] = False,
    mask: Annotated[
        str | None, typer.Option("--mask", metavar="VO", help="Print the mask of this VO, instead of what it came to.")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option("--at", metavar=times.FORM, parser=times.day_or_moment, help="As of when the mask is; else of the end."),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option("--processes", metavar="N", min=1, max=64, help="So many at most; else one for each processor."),
    ] = None,
    work: Annotated[
        Path | None, typer.Option("--work", metavar="DIR", help="Where it is worked; else in a folder that goes when it ends.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="DIR", help="Go on with what was interrupted; DIR is where it was worked."),
    ] = None,
    against: Against = None,
    scores: WithScores = False,
    report: Reports = None,
    fail_if: FailIf = None,
    junit: JUnit = None,
    run_up: RunUp = 1.0,
    proposals: Proposals = False,
) -> int:
    """Have what was recorded happen again, as it was or under other policies, and tell what comes of it.

    As it was, it is checked that each thing makes a revision if it did then: where not, the exit code is 1, and the first such
    thing is told. Interrupted by Ctrl-C, it keeps what was done, and tells how to go on.

    With --scores, --against, --report, --fail-if or --proposals it tells instead how well it went, or would have gone. The exit
    code is 1 where a gate is not passed.
    """
    from gridmask.cli import judging, replaying

    wanted = judging.Wanted(against, scores, tuple(report or ()), tuple(fail_if or ()), junit, run_up, proposals)
    wanted.check(changes, mask, resume)
    asked, period = replaying.Asked(changes, mask, at), replaying.Period(since, until, policies)
    asked.check()
    with replaying.workplace(resume or work) as place:
        if resume is not None:
            from gridmask.replay.running import plan as plans

            return replaying.run(session, plans.load(resume), place, asked)
        history = replaying.History(downtimes, inventory, named, early, early_until)
        recording = await replaying.recording(session, file, history, place.path, period)
        if wanted.anything:
            return judging.judge(session, judging.Asked(recording, policies, since, until, processes), wanted)
        plan = replaying.planned(recording, place.path, period, processes, decisions=decisions)
        return replaying.run(session, plan, place, asked)
