"""Reports of availability as JSON, and as CSV (:rfc:`4180`) for spreadsheets: a line for each part of each thing's period."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.feeds.cells import cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from gridmask.domain.availability import Line, Report, Tally

JSON = "application/json"
CSV = "text/csv; charset=utf-8"

_THING = ("family", "type", "name", "site", "status_type")
_FIGURES = ("start", "end", "usable", "excused", "unexcused", "unknown", "absent", "availability", "reliability")


def encode_json(report: Report, by: str, per: str) -> bytes:
    """``report`` as JSON; ``by`` and ``per``: which sums it has."""
    said = {
        "vo": report.vo,
        "start": _iso(report.bounds[0]),
        "end": _iso(report.bounds[-1]),
        "by": by,
        "per": per,
        "lines": [
            {
                **_thing(line),
                "unsure": line.unsure,
                "periods": [dict(zip(_FIGURES, f, strict=True)) for f in _figures(report, line)],
            }
            for line in report.lines
        ],
        "next": report.cursor,
    }
    return msgspec.json.encode(said)


def encode_csv(report: Report) -> bytes:
    """``report`` as CSV, with a heading."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow((*_THING, *_FIGURES, "unsure"))
    for line in report.lines:
        thing, unsure = tuple(map(cell, _thing(line).values())), "unsure" if line.unsure else None
        rows.writerows((*thing, *figures, unsure) for figures in _figures(report, line))
    return text.getvalue().encode()


def _thing(line: Line) -> dict[str, str | None]:
    family, type_, name = line.element or (None, None, None)
    return dict(zip(_THING, (family, type_, name, line.site, line.status_type), strict=True))


def _figures(report: Report, line: Line) -> Iterator[tuple[Any, ...]]:
    starts = map(_iso, report.bounds)
    start = next(starts)
    for end, tally in zip(starts, line.tallies, strict=True):
        yield (start, end, *map(_seconds, _spent(tally)), _rounded(tally.availability), _rounded(tally.reliability))
        start = end


def _spent(tally: Tally) -> tuple[timedelta, ...]:
    return tally.usable, tally.excused, tally.unexcused, tally.unknown, tally.absent


def _seconds(span: timedelta) -> float:
    seconds = span.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
