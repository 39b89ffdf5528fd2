"""What became of what DIRAC's databases hold, for people and for programs; and how far it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gridmask.cli.output import table
from gridmask.dirac_db.report import MEANING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from gridmask.dirac_db.report import Report
    from gridmask.service.dirac_import import Progress


def renamed(pairs: Sequence[str]) -> dict[str, str]:
    """What ``CUT=WHOLE`` says of each owner.

    Raises:
        InvalidRequest: one says something else.
    """
    from gridmask.domain.errors import InvalidRequest

    found = {}
    for pair in pairs:
        cut, separator, whole = pair.partition("=")
        if not (separator and cut and whole):
            raise InvalidRequest(f"--owner {pair!r} is not CUT=WHOLE: the name as DIRAC has it, and the one that it should be.")
        found[cut] = whole
    return found


@contextmanager
def progress() -> Iterator[Progress]:
    """Shows on a terminal how far it is; where there is none, nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, Any] = {}

        def heard(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield heard


def shown(report: Report, *, trying: bool) -> Iterator[str | Table]:
    """The report: what was read of each table, what came of it, and what there is to know."""
    names = sorted(report.read)
    lines = [(name, f"{report.read[name]:,}", f"{report.kept[name]:,}" if name in report.kept else "-") for name in names]
    yield table(("table", "records", "entries of the history"), lines, right=("records", "entries of the history"))
    yield ""
    yield _came(report)
    if report.counts:
        yield ""
        remarks = [(str(about), f"{report.counts[about]:,}", _some(report, about)) for about in sorted(report.counts)]
        yield table(("remark", "number", "for example"), remarks, right=("number",))
        yield ""
        yield from (f"- {about}: {MEANING[about]}." for about in sorted(report.counts))
    if trying:
        yield "This was only tried; nothing was kept."


def _came(report: Report) -> str:
    parts = [f"{report.entries:,} entries of the history", f"{report.rows:,} rows set ({report.tokens:,} held by people)"]
    parts.append(f"{report.unchanged:,} as they were")
    if report.elements:
        parts.append(f"{report.elements:,} elements made known that no inventory lists")
    if report.downtimes or report.measurements:
        parts.append(f"{report.downtimes:,} downtimes, {report.measurements:,} measurements")
    if report.revisions:
        first, last = report.revisions[0], report.revisions[-1]
        parts.append(f"revision {last}" if first == last else f"revisions {first} to {last}")
    return "; ".join(parts) + "."


def told(report: Report, *, trying: bool) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "tried_only": trying,
        "tables": {name: {"records": report.read[name], "entries": report.kept[name]} for name in sorted(report.read)},
        "entries": report.entries,
        "rows": report.rows,
        "tokens": report.tokens,
        "unchanged": report.unchanged,
        "elements": report.elements,
        "downtimes": report.downtimes,
        "measurements": report.measurements,
        "revisions": report.revisions,
        "remarks": [
            {
                "about": about,
                "number": report.counts[about],
                "meaning": MEANING[about],
                "for_example": list(report.named[about]),
            }
            for about in sorted(report.counts)
        ],
    }


def _some(report: Report, about: Any) -> str:  # noqa: ANN401 - a kind of remark
    names = list(report.named[about])
    more = ", ..." if report.counts[about] > len(names) else ""
    return ", ".join(names[:3]) + (more if len(names) <= 3 else ", ...")
