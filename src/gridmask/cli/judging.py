"""How ``gridmask replay`` judges: scores, comparisons of two policy sets, gates, and the files that are made of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import words
from gridmask.cli.output import table
from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from gridmask.cli.session import Session
    from gridmask.replay.comparison import Comparison, Differing
    from gridmask.replay.gates import Judged
    from gridmask.replay.outcome import Outcome
    from gridmask.replay.proposals.proposal import Proposal
    from gridmask.replay.running.plan import Plan
    from gridmask.replay.scores import Scores

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

    def check(self) -> None:
        """Check that it can be.

        Raises:
            BadParameter: it cannot.
        """
        if self.proposals and (self.against or self.gates or self.reports):
            raise typer.BadParameter("--proposals stands alone: it compares by itself what it proposes with what is")
        if self.reports and self.against is None:
            raise typer.BadParameter("--report FILE is of a comparison: name the other policies by --against")
        if self.junit is not None and not self.gates:
            raise typer.BadParameter("--junit FILE tells which gates were passed: name some by --fail-if")
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
    from gridmask.replay.gates import gate
    from gridmask.replay.gates import judge as judged
    from gridmask.replay.scores import scores

    if wanted.proposals:
        return propose(session, asked)
    gates = [gate(text) for text in wanted.gates]
    named = [_named(asked.policies, asked)]
    if wanted.against is not None:
        against = None if wanted.against == THEN else Path(wanted.against)
        named.insert(0, _named(against, asked))
    found = _outcomes([plan for _, plan in named])
    if len(found) == 1:
        made, whole = scores(found[0], run_up=_run_up(wanted)), None
        results = judged(gates, made)
        session.out.show(lambda: _scored(found[0], made, results), *shown(found[0], made), *_told(results))
    else:
        whole = _compared(found, [name for name, _ in named], wanted)
        results = judged(gates, whole.other.scores, whole.one.scores)
        for path in wanted.reports:
            _write(path, _report(path, whole))
        session.out.show(lambda: _comparison(whole, results), *side_by_side(whole), *_told(results))
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
    session.out.show(lambda: {"proposals": [*map(told_proposal, proposals)]}, *_proposed(proposals))
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
    """Shows on a terminal how many parts are done; where there is none, nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task("parts", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


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


# --- For programs


def _scored(outcome: Outcome, made: Scores, results: Sequence[Judged]) -> dict[str, Any]:
    from gridmask.replay.declarations import announcing, declared
    from gridmask.replay.telling import told_scores, told_work
    from gridmask.replay.work import work

    return {
        "since": made.since,
        "until": made.until,
        "policies": outcome.policies,
        "scores": told_scores(made),
        "work": told_work(work(outcome)),
        "declarations": asdict(announcing(declared(outcome), outcome.until)),
        "gates": [*map(_result, results)],
    }


def _comparison(whole: Comparison, results: Sequence[Judged]) -> dict[str, Any]:
    from gridmask.replay.telling import told_comparison

    return {**told_comparison(whole), "gates": [*map(_result, results)]}


def _result(one: Judged) -> dict[str, Any]:
    return {"gate": one.gate.text, "passed": one.passed, "found": one.found}


# --- For people


def shown(outcome: Outcome, made: Scores) -> Iterator[str | Table]:
    """Scores, for people."""
    from gridmask.replay.measures import read
    from gridmask.replay.numbers import share, told
    from gridmask.replay.scores import Reading

    yield f"From {words.utc(made.since)} to {words.utc(made.until)}, {made.days:,.0f} days; each resource counts once."
    yield ""
    totals = [made.total(reading) for reading in Reading]
    lines = []
    for (measure, known), (_, later) in zip(*(read(total, made.days) for total in totals), strict=True):
        if known or later:
            cells = [told(value, measure.unit) for value in (known, later)]
            parts = [
                share(value or 0.0, measure.of(total, made.days) or 0.0) if measure.of else ""
                for value, total in zip((known, later), totals, strict=True)
            ]
            lines.append(("  " * measure.depth + measure.label, cells[0], parts[0], cells[1], parts[1]))
    columns = ("measure", "as was known", "of it", "with hindsight", "of that")
    yield table(columns, lines, right=columns[1:])
    yield ""
    yield _announced(outcome)


def _announced(outcome: Outcome) -> str:
    from gridmask.replay.declarations import announcing, declared

    found = announcing(declared(outcome), outcome.until)
    return (
        f"{found.downtimes:,} downtimes were announced: {found.late:,} after they had begun, {found.afterwards:,} of them "
        f"after they were over. {found.past_hours:,.0f} resource-hours were past when they were published. "
        f"{found.extended:,} were extended, {found.shortened:,} shortened, {found.withdrawn:,} withdrawn."
    )


MOST = 10


def side_by_side(whole: Comparison) -> Iterator[str | Table]:
    """A comparison, for people."""
    from gridmask.replay.report.findings import rows

    one, other = whole.sides
    seen = "each resource counts once" if whole.whose else "as all VOs saw it together"
    yield f"{other.name} against {one.name}: from {words.utc(one.scores.since)} to {words.utc(one.scores.until)}; {seen}."
    yield ""
    columns = ("measure", one.name, other.name, "differs by", "hindsight: " + one.name, "hindsight: " + other.name, "by")
    lines = [
        ("  " * row.measure.depth + row.measure.label, *(text for c in row.cells for text in (c.was, c.would, c.difference)))
        for row in rows(whole)
    ]
    yield table(columns, lines, right=columns[1:])
    yield ""
    if not whole.differing:
        yield "No mask differs at any moment."
        return
    yield f"{len({found.element for found in whole.differing}):,} elements differ; for longest usable under one alone:"
    yield ""
    yield table(
        ("element", "site", "VOs", "hours", "first (UTC)", one.name, other.name), map(_differing, whole.differing[:MOST])
    )


def _differing(found: Differing) -> tuple[str, ...]:
    first = found.differences[0]
    sides = [side.status.label if side.status is not None else str(side.absence) for side in (first.one, first.other)]
    vos = found.vos[0] if len(found.vos) == 1 else f"{found.vos[0]} and {len(found.vos) - 1} more"
    return str(found.element), found.site, vos, f"{found.apart / timedelta(hours=1):,.1f}", words.utc(first.start), *sides


def _proposed(proposals: Sequence[Proposal]) -> Iterator[str | Table]:
    if not proposals:
        yield "Nothing in it contradicts anything else for long."
    for one in proposals:
        yield f"{one.kind}: {one.about}"
        yield f"  {one.says}"
        yield from (f"  - {words.utc(fact.at)}: {fact.text}{_where(fact.record)}" for fact in one.facts[:3])
        if len(one.facts) > 3:
            yield f"  - and {len(one.facts) - 3} more; --json tells them"
        if one.change is not None:
            yield from (f"  | {line}" for line in one.change.text.splitlines())
        yield from _replayed(one)
        yield ""
    if proposals:
        yield f"{len(proposals):,} proposals. Nothing was changed."


def _replayed(one: Proposal) -> Iterator[str]:
    from gridmask.replay.measures import BY_NAME, Unit
    from gridmask.replay.numbers import told

    if one.replayed and not one.effects:
        yield "  Replayed, it makes no difference."
    for effect in one.effects:
        measure = BY_NAME[effect.measure]
        how = " with hindsight" if effect.reading == "hindsight" else ""
        was, would = told(effect.was, measure.unit), told(effect.would, measure.unit)
        if not measure.depth and was != would and (measure.unit is Unit.HOURS or not how):
            yield f"  = {measure.label}{how}: {was} -> {would}"


def _where(record: str) -> str:
    return f" ({record})" if record else ""


def _told(results: Sequence[Judged]) -> Iterator[str]:
    if results:
        yield ""
    for one in results:
        yield f"{'passed' if one.passed else 'FAILED'}: {one.gate.text} ({one.found})"
