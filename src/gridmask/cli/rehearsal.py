"""What reading sources would change, before it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import groupby
from typing import TYPE_CHECKING

from gridmask.domain.element import Element
from gridmask.inventory.reconcile import Reconciliation

if TYPE_CHECKING:
    from rich.table import Table

    from gridmask.cli.reading import Reading
    from gridmask.domain.downtime import Difference, Downtime
    from gridmask.inspection.plans import Report

MOST = 20
"""So many lines of one sort are shown to people before the others are only counted; JSON has all of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that would be done: ``what``, to what ``subject``, and ``how``."""

    what: str
    subject: str
    how: str = ""


def lines(report: Report) -> Iterator[Line]:
    """All that taking in a source's answer would do, one sort after the other."""
    if isinstance(report.change, Reconciliation):
        yield from _of_inventory(report.change)
    elif report.change is not None:
        yield from _of_downtimes(report.change)
    elif report.upheaval is not None:
        for item in report.upheaval.items:
            yield Line(item.deed, item.name, " -> ".join(filter(None, (item.before, item.after))))


def told(readings: Iterable[Reading]) -> list[dict[str, object]]:
    """The lines as JSON tells them."""
    return [
        {"source": reading.report.source, "action": line.what, "subject": line.subject, "detail": line.how}
        for reading in readings
        for line in lines(reading.report)
    ]


def shown(readings: Iterable[Reading]) -> list[str | Table]:
    """The lines as people see them: a table for each source that would change something."""
    from gridmask.cli.output import table

    parts: list[str | Table] = []
    for reading in readings:
        found = list(_shortened(lines(reading.report)))
        if found:
            rows = [(line.what, line.subject, line.how) for line in found]
            parts += ["", f"{reading.report.source} would:", table(("", "what", "how"), rows)]
    return parts


def _shortened(all_lines: Iterable[Line]) -> Iterator[Line]:
    for what, alike in groupby(all_lines, key=lambda line: line.what):
        listed = list(alike)
        yield from listed[:MOST]
        if len(listed) > MOST:
            yield Line(what, f"... and {len(listed) - MOST:,} more", "--json has them all")


def _of_inventory(change: Reconciliation) -> Iterator[Line]:
    for element in change.added:
        if element.key not in change.renamed:
            yield Line("add", str(element.key), _about(element))
    for after, before in sorted(change.renamed.items()):
        yield Line("rename", str(before), f"to {after.name}, with its statuses and its history")
    for element in change.edited:
        what = "put out of service" if element.key in change.put_out else "change"
        yield Line(what, str(element.key), _difference(change.before[element.key], element))
    for before, after in sorted(change.merged.items()):
        yield Line("merge", str(before), f"into {after.name}, which it turns out to be, with the statuses of that")
    for key in change.lost:
        yield Line("take out", str(key))
    yield from _unchanged(change)


def _unchanged(change: Reconciliation) -> Iterator[Line]:
    for key, known in sorted(change.recognised.items()):
        yield Line("leave", str(key), "to the source that has it" if key == known else f"it is what is known as {known.name}")
    for key in change.conflicts:
        yield Line("leave in conflict", str(key), "see what is said of it above")


def _about(element: Element) -> str:
    parts = [] if element.is_site else [f"at {element.site}"] if element.site else ["at no site"]
    if element.offered:
        parts.append(f"for {', '.join(sorted(element.offered))}")
    if not element.in_service:
        parts.append("out of service")
    return ", ".join(parts)


def _difference(before: Element, after: Element) -> str:
    """Which of the attributes are others, and what the plain ones were and are."""
    changed = ((f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(Element))
    return "; ".join(
        f"{name}: {_plain(was)} -> {_plain(is_)}" if not isinstance(is_, Mapping) else name
        for name, was, is_ in changed
        if was != is_
    )


def _plain(value: object) -> str:
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(": ".join(one) if isinstance(one, tuple) else str(one) for one in value)) or "none"
    return str(value)


def _of_downtimes(change: Difference) -> Iterator[Line]:
    for downtime in change.added:
        yield Line("take in", downtime.key.record, _when(downtime))
    for downtime in change.edited:
        yield Line("edit", downtime.key.record, _when(downtime))
    for key in change.withdrawn:
        yield Line("withdraw", key.record)


def _when(downtime: Downtime) -> str:
    from gridmask.cli import words

    interval = downtime.interval
    return f"{downtime.severity} from {words.moment(interval.start)} to {words.moment(interval.end, 'open')}"
