"""What is told of a replay that is judged: scores, comparisons, gates and proposals, for programs and for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gridmask.cli import words
from gridmask.cli.output import table

if TYPE_CHECKING:
    from rich.table import Table

    from gridmask.replay.comparison import Comparison, Differing
    from gridmask.replay.gates import Judged
    from gridmask.replay.outcome import Outcome
    from gridmask.replay.proposals.proposal import Proposal
    from gridmask.replay.scores import Scores
    from gridmask.replay.work import Work


# --- For programs


def scored(outcome: Outcome, made: Scores, results: Sequence[Judged]) -> dict[str, Any]:
    """Scores, for programs."""
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


def comparison(whole: Comparison, results: Sequence[Judged]) -> dict[str, Any]:
    """A comparison, for programs."""
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
    from gridmask.replay.work import work

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
    yield f"In all, {_people(work(outcome))}"
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
    if any(side.work.rows or side.work.batches for side in whole.sides):
        yield from (f"{side.name}: {_people(side.work)}" for side in whole.sides)
        yield ""
    if not whole.differing:
        yield "No mask differs at any moment."
        return
    yield f"{len({found.element for found in whole.differing}):,} elements differ; for longest usable under one alone:"
    yield ""
    yield table(
        ("element", "site", "VOs", "hours", "first (UTC)", one.name, other.name), map(_differing, whole.differing[:MOST])
    )


def _people(work: Work) -> str:
    """What people had to do, in a sentence."""
    deeds = (
        f"people did something with {work.rows:,} rows ({work.needless:,} already were so, {work.refused:,} times it failed)"
    )
    return f"{deeds}; {work.batches:,} batches waited for them, {work.unanswered:,} in vain."


def _differing(found: Differing) -> tuple[str, ...]:
    first = found.differences[0]
    sides = [side.status.label if side.status is not None else str(side.absence) for side in (first.one, first.other)]
    vos = found.vos[0] if len(found.vos) == 1 else f"{found.vos[0]} and {len(found.vos) - 1} more"
    return str(found.element), found.site, vos, f"{found.apart / timedelta(hours=1):,.1f}", words.utc(first.start), *sides


def proposed(proposals: Sequence[Proposal]) -> Iterator[str | Table]:
    """Proposals, for people."""
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


def gates(results: Sequence[Judged]) -> Iterator[str]:
    """What came of gates, for people."""
    if results:
        yield ""
    for one in results:
        yield f"{'passed' if one.passed else 'FAILED'}: {one.gate.text} ({one.found})"
