"""How ``gridmask replay`` judges: scores, comparisons of two policy sets, gates, and the files that are made of them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import judged
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.cli.session import Session
    from gridmask.replay.comparison import Comparison
    from gridmask.replay.gates import Judged
    from gridmask.replay.outcome import Outcome
    from gridmask.replay.running.plan import Plan

THEN = "then"
AS_IT_WAS = "as it was"

Against = Annotated[
    str | None,
    typer.Option("--against", metavar="DIR", help="Compare with these policies; `then`: with those of then, as it was."),
]
WithScores = Annotated[bool, typer.Option("--scores", help="Tell what was missed, what was lost, and how soon it acted.")]
Reports = Annotated[
    list[Path] | None,
    typer.Option("--report", metavar="FILE", help="Write the comparison: a page that stands alone (.html), or JSON (.json)."),
]
FailIf = Annotated[
    list[str] | None,
    typer.Option("--fail-if", metavar="GATE", help="Exit with 1 where this is true of the scores, such as `missed > 10 %`."),
]
JUnit = Annotated[
    Path | None, typer.Option("--junit", metavar="FILE", help="Write what passed and what failed, as build servers read it.")
]
Proposals = Annotated[
    bool,
    typer.Option("--proposals", help="Tell where declarations, probes, policies and people disagree, and what could be done."),
]
RunUp = Annotated[
    float, typer.Option("--run-up", metavar="HOURS", min=0, help="How long before an outage work is taken to be cut off by it.")
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of scores."""

    against: str | None = None
    scores: bool = False
    reports: tuple[Path, ...] = ()
    gates: tuple[str, ...] = ()
    junit: Path | None = None
    run_up: float = 1.0
    proposals: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything is."""
        return bool(self.against or self.scores or self.reports or self.gates or self.junit or self.proposals)

    def check(self, *others: object) -> None:
        """Check that it can be, and that nothing of ``others`` is asked for besides.

        Raises:
            BadParameter: it cannot.
        """
        if self.anything and any(others):
            raise typer.BadParameter("--changes, --mask and --resume are for a replay whose changes are told, not its scores")
        if self.proposals and (self.against or self.gates or self.reports):
            raise typer.BadParameter("--proposals stands alone: it compares by itself what it proposes with what is")
        if self.reports and self.against is None:
            raise typer.BadParameter("--report FILE is of a comparison: name the other policies by --against")
        if self.junit is not None and not self.gates:
            raise typer.BadParameter("--junit FILE tells which gates were passed: name some by --fail-if")
        for path in (*self.reports, *([self.junit] if self.junit else [])):
            if not path.absolute().parent.is_dir():
                raise typer.BadParameter(f"{path} cannot be written: there is no such directory")
        if any(path.suffix not in {".html", ".json"} for path in self.reports):
            raise typer.BadParameter("--report FILE ends with .html, or with .json")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be judged: the recording, the policies that are tried (None: those of then), and the period."""

    recording: Path
    policies: Path | None
    since: datetime | None
    until: datetime | None
    processes: int | None = None


def judge(session: Session, asked: Asked, wanted: Wanted) -> int:
    """Tell what is wanted, and give the exit code: 1, where a gate is not passed."""
    from gridmask.replay import gates as replay_gates
    from gridmask.replay.scores import scores

    if wanted.proposals:
        return propose(session, asked)
    gates = [replay_gates.gate(text) for text in wanted.gates]
    named = [_named(asked.policies, asked)]
    if wanted.against is not None:
        against = None if wanted.against == THEN else Path(wanted.against)
        named.insert(0, _named(against, asked))
    found = _outcomes([plan for _, plan in named])
    if len(found) == 1:
        made, whole = scores(found[0], run_up=_run_up(wanted)), None
        results = replay_gates.judge(gates, made)
        session.out.show(lambda: judged.scored(found[0], made, results), *judged.shown(found[0], made), *judged.gates(results))
    else:
        whole = _compared(found, [name for name, _ in named], wanted)
        results = replay_gates.judge(gates, whole.other.scores, whole.one.scores)
        for path in wanted.reports:
            _write(path, _report(path, whole))
        if whole.whose is None and any(one.vo == ALL for one in gates):
            session.out.note("Only VOs of their own see a difference. A gate without `of VO` is about all, and sees none.")
        session.out.show(lambda: judged.comparison(whole, results), *judged.side_by_side(whole), *judged.gates(results))
    if wanted.junit is not None:
        _write(wanted.junit, _junit(results))
    return 0 if all(one.passed for one in results) else 1


def propose(session: Session, asked: Asked) -> int:
    """Tell what could be done."""
    from gridmask.replay.proposals.finding import found
    from gridmask.replay.telling import told_proposal

    _, plan = _named(asked.policies, asked)
    with _progress() as heard:
        proposals = found(plan, heard=heard)
    session.out.show(lambda: {"proposals": [*map(told_proposal, proposals)]}, *judged.proposed(proposals))
    return 0


def _named(policies: Path | None, asked: Asked) -> tuple[str, Plan]:
    from gridmask.policies import files as policy_files
    from gridmask.replay.running.planning import planned

    document = None if policies is None else policy_files.load(policies)[1]
    plan = planned(
        asked.recording, policies=document, since=asked.since, until=asked.until, decisions=False, processes=asked.processes
    )
    if policies is None:
        return AS_IT_WAS, plan
    return policies.resolve().name, plan


def _outcomes(plans: Sequence[Plan]) -> list[Outcome]:
    from gridmask.replay.running.outcomes import outcomes

    with _progress() as heard:
        return outcomes(plans, heard)


def _compared(found: Sequence[Outcome], names: Sequence[str], wanted: Wanted) -> Comparison:
    from gridmask.replay.comparison import compared

    one, other = names
    if one == other:
        one, other = f"{one} (against)", f"{other} (tried)"
    return compared(found[0], found[1], (one, other), run_up=_run_up(wanted))


def _run_up(wanted: Wanted) -> timedelta:
    return timedelta(hours=wanted.run_up)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Shows on a terminal how many parts are done; where there is none, nothing. Ctrl-C ends it at once."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # asyncio would wait for what is not awaited
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Progress(*columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as bars:
            task = bars.add_task("parts", total=None)
            yield lambda done, total: bars.update(task, completed=done, total=total)
    finally:
        signal.signal(signal.SIGINT, before)


# --- Files


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror or error}") from error


def _report(path: Path, whole: Comparison) -> bytes:
    if path.suffix == ".html":
        from gridmask.replay.report.page import page

        return page(whole).encode()
    from gridmask.replay.telling import as_json, told_comparison

    return as_json(told_comparison(whole))


def _junit(results: Sequence[Judged]) -> bytes:
    from gridmask import junit

    return junit.document(
        junit.Case("gridmask replay", one.gate.text, "" if one.passed else f"{one.gate.measure.name}: {one.found}")
        for one in results
    )
