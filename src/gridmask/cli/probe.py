"""``gridmask probe``."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import times, words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from gridmask.cli.output import Shown
    from gridmask.probes.seen import Seen
    from gridmask.service.beliefs import Watch
    from gridmask.service.probes import Listed, Probes, Round, Watched
    from gridmask.store.beliefs import Belief

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="PROBE", help="The probe, by name.", show_default=False)]
SomeName = Annotated[
    str | None, typer.Argument(metavar="PROBE", help="One probe, with each of its targets; else all.", show_default=False)
]
Element = Annotated[
    str, typer.Argument(metavar="ELEMENT", help="One element alone; else all that it looks at.", show_default=False)
]
Until = Annotated[
    datetime,
    typer.Option(
        "--until",
        metavar=times.FORM,
        parser=times.moment,
        help="Until when that counts, within seven days, as in `+4h`.",
        show_default=False,
    ),
]
Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="How it is known, for those who come after.", show_default=False)
]
Record = Annotated[bool, typer.Option("--record", help="Take in what is found, as if it were its turn.")]


@command(app, "list")
async def list_(session: Session, name: SomeName = None) -> None:
    """List the probes of the settings, and what each found; of one that is named, what it looks at, and when again."""
    async with session.visit() as installation, _probes(session, installation) as probes:
        found = await probes.listed([name] if name else [])
        now = installation.clock()
        watch = await installation.beliefs.watch()
    shown = _targets(found[0], now) if name else _overview(found)
    session.out.show(lambda: {"probes": [_told(one) for one in found], **_watched(watch)}, *shown, "", *_who(watch, now))


@command(app, "believe")
async def believe(session: Session, until: Until, reason: Reason) -> None:
    """Say that the failures are real, however many hosts fail: they are believed until then, those of before as well.

    Gridmask doubts itself where most hosts begin to fail at once. This is for when somebody knows that it is they.
    """
    async with session.visit() as installation:
        belief = await installation.beliefs.believe(session.actor, until, reason)
    session.out.show(lambda: _belief(belief), f"Failures are believed until {words.utc(belief.until)}.")


@command(app, "doubt")
async def doubt(session: Session, reason: Reason) -> None:
    """Have failures doubted again, as usual, where most hosts begin to fail at once. What was believed stays."""
    async with session.visit() as installation:
        belief = await installation.beliefs.doubt(session.actor, reason)
    session.out.show(lambda: _belief(belief), "Where too many hosts begin to fail at once, they are doubted again.")


@command(app, "run")
async def run(session: Session, name: Name, element: Element = "", record: Record = False) -> int:
    """Make a probe now, and tell what it finds. Nothing is kept of it, unless asked.

    The exit code is 1 where something is found that is neither good nor a warning.
    """
    if record:
        await session.check_agreement()
    async with session.operate() if record else session.visit() as installation, _probes(session, installation) as probes:
        found = await probes.run(session.actor, name, element, record=record)
    session.out.show(lambda: _round(found), _seen(found), *_remarks(found, record=record))
    return 0 if all(one.finding.result in {"OK", "WARNING"} for one in found.seen) else 1


@asynccontextmanager
async def _probes(session: Session, installation: Installation) -> AsyncIterator[Probes]:
    from gridmask.bootstrap import probing_of
    from gridmask.domain.errors import InvalidRequest
    from gridmask.service.probes import Probes

    probing = installation.probing or probing_of(session.settings, installation.clock, installation.inspector)
    if probing is None:
        raise InvalidRequest("No probe is configured: write a [[probe]] in the settings file, and name that with --config.")
    try:
        yield Probes(probing)
    finally:
        probing.close()


def _who(watch: Watch, now: datetime) -> list[str]:
    several = (watch.made_by or "").split(", ")
    host, _, process = several[0].rpartition(" ")
    made = f"Process {process} of {host} makes them." if watch.made_by else "No process makes them now."
    if len(several) > 1:
        made = f"{len(several)} processes share them: {', '.join(several)}."
    if watch.belief is None:
        return [made]
    until = f"{words.utc(watch.belief.until)} ({words.distance(watch.belief.until, now)})"
    return [made, f"{watch.belief.actor} says that failures are real, until {until}: {watch.belief.reason}"]


def _watched(watch: Watch) -> dict[str, object]:
    return {"made_by": watch.made_by, "belief": _belief(watch.belief) if watch.belief else None}


def _belief(belief: Belief) -> dict[str, object]:
    return {"since": belief.since, "until": belief.until, "actor": belief.actor, "reason": belief.reason}


def _overview(found: list[Listed]) -> list[Shown]:
    columns = ("probe", "kind", "every", "targets", "ok", "warning", "critical", "not known")
    lines = table(columns, map(_line, found), right=columns[3:])
    problems = [f"{one.probe.name}: {problem}" for one in found for problem in one.problems]
    return [lines, *(["", *problems] if problems else [])]


def _line(one: Listed) -> tuple[str, ...]:
    settings, results = one.probe.settings, Counter(map(_result, one.targets))
    counts = (len(one.targets), *(results[result] for result in ("OK", "WARNING", "CRITICAL", "")))
    return settings.name, settings.kind, words.span(settings.every), *(f"{count:,}" for count in counts)


def _targets(one: Listed, now: datetime) -> list[Shown]:
    columns = ("element", "vo", "where", "result", "seen", "again", "summary")
    lines = [
        (
            watched.target.element.name,
            watched.target.vo,
            str(watched.target.address),
            _result(watched) or "-",
            words.distance(watched.last.observed_at, now) if watched.last else "never",
            words.distance(watched.next_at, now) if watched.next_at else "soon",
            _summary(watched),
        )
        for watched in one.targets
    ]
    return [table(columns, lines), *(["", *one.problems] if one.problems else [])]


def _result(watched: Watched) -> str:
    return str(getattr(watched.last.value, "result", "")) if watched.last else ""


def _summary(watched: Watched) -> str:
    return str(getattr(watched.last.value, "summary", "")) if watched.last else ""


def _seen(found: Round) -> Shown:
    rows = (
        (
            one.target.element.name,
            one.target.vo,
            str(one.target.address),
            one.finding.result,
            f"{one.finding.metrics.get('seconds', 0):.3f} s",
            one.finding.summary,
        )
        for one in found.seen
    )
    return table(("element", "vo", "where", "result", "took", "summary"), rows, right=("took",))


def _remarks(found: Round, *, record: bool) -> list[str]:
    remarks = [f"{len(found.held):,} failures were not believed: {found.why}"] if found.held else []
    if found.revision is not None:
        remarks.append(f"That was revision {found.revision}.")
    return ["", *remarks] if remarks else [] if record else ["", "Nothing of it was kept."]


def _told(one: Listed) -> dict[str, object]:
    settings = one.probe.settings
    targets = [
        {
            "element": watched.target.element._asdict(),
            "vo": watched.target.vo,
            "address": str(watched.target.address),
            "result": _result(watched) or None,
            "summary": _summary(watched),
            "seen_at": watched.last.observed_at if watched.last else None,
            "next_at": watched.next_at,
        }
        for watched in one.targets
    ]
    said = {"name": settings.name, "kind": settings.kind, "every": settings.every.total_seconds(), "problems": one.problems}
    return {**said, "targets": targets}


def _round(found: Round) -> dict[str, object]:
    return {
        "results": [_finding(one) for one in found.seen],
        "held": [str(one.target) for one in found.held],
        "why_held": found.why,
        "revision": found.revision,
    }


def _finding(one: Seen) -> dict[str, object]:
    finding = one.finding
    return {
        "element": one.target.element._asdict(),
        "vo": one.target.vo,
        "address": str(one.target.address),
        "result": finding.result,
        "summary": finding.summary,
        "metrics": dict(finding.metrics),
    }
