"""Reading sources from the command line: with a progress display, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress

    from gridmask.bootstrap import Installation
    from gridmask.cli.session import Session
    from gridmask.inspection.plans import Report


@dataclass(frozen=True, slots=True)
class Reading:
    """How reading a source went, and how many seconds it took."""

    report: Report
    seconds: float

    @property
    def outcome(self) -> str:
        """``failed``, ``unchanged`` or ``read``."""
        return "failed" if self.report.failure else "unchanged" if self.report.unchanged else "read"


async def read(
    session: Session, installation: Installation, names: Sequence[str] = (), *, force: bool = False
) -> list[Reading]:
    """Read the sources called ``names`` (none: all) one after the other, and show on stderr which one it is at."""
    chosen = installation.sources.chosen(names)
    readings: list[Reading] = []
    began = perf_counter()
    with _progress() as progress:
        task = progress.add_task(f"reading {chosen[0].name}" if chosen else "", total=len(chosen))
        async for report in installation.sources.sync(session.actor, names, force=force):
            readings.append(Reading(report, perf_counter() - began))
            began = perf_counter()
            following = chosen[len(readings) : len(readings) + 1]
            progress.update(task, advance=1, description=f"reading {following[0].name}" if following else "done")
    return readings


async def rehearse(session: Session, names: Sequence[str] = (), *, force: bool = False) -> list[Reading]:
    """What :func:`read` would do, were the session's settings in force; nothing is kept."""
    from gridmask import bootstrap

    session.log("error")
    readings: list[Reading] = []
    began = perf_counter()
    with _progress() as progress:
        progress.add_task("trying it", total=None)
        async for report in bootstrap.rehearse(session.settings, names, force=force):
            readings.append(Reading(report, perf_counter() - began))
            began = perf_counter()
    return readings


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty())


def succeeded(readings: Iterable[Reading]) -> bool:
    """Whether every source could be read."""
    return all(reading.report.failure is None for reading in readings)


def told(reading: Reading) -> dict[str, Any]:
    """A reading as JSON tells it."""
    report = reading.report
    return {
        "source": report.source,
        "outcome": reading.outcome,
        "failure": report.failure,
        "records": report.records,
        "added": report.added,
        "edited": report.edited,
        "removed": report.removed,
        "rows": report.rows,
        "problems": report.problems,
        "revision": report.revision,
        "seconds": round(reading.seconds, 3),
    }


def shown(readings: Sequence[Reading]) -> list[RenderableType]:
    """Readings as people see them: a table, and below it what was wrong."""
    from gridmask.cli.output import table

    numbers = ("records", "added", "edited", "gone", "rows", "problems", "revision", "time")
    summary = table(("source", "outcome", *numbers), map(_line, readings), right=numbers)
    troubles = [
        _placed(reading.report.source, problem)
        for reading in readings
        for problem in (*([reading.report.failure] if reading.report.failure else []), *reading.report.problems)
    ]
    return [summary, *(["", *troubles] if troubles else [])]


def _placed(source: str, problem: str) -> str:
    """What is wrong, after where it is, if it does not begin with that itself."""
    return problem if problem.startswith((f"{source}:", f"{source},")) else f"{source}: {problem}"


def _line(reading: Reading) -> tuple[str, ...]:
    report = reading.report
    counts = (report.records, report.added, report.edited, report.removed, report.rows, len(report.problems))
    nothing_counted = report.failure is not None or report.unchanged
    numbers = ["-"] * len(counts) if nothing_counted else [f"{count:,}" for count in counts]
    return report.source, reading.outcome, *numbers, str(report.revision or "-"), f"{reading.seconds:.1f} s"
