"""What engines count about themselves. How much is due is in the database, and told from there."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ENDED = Counter(
    "gridmask_work_ended_total",
    "Work that this process ended, or found begun and not ended by another, by kind and outcome.",
    ["kind", "outcome"],
)
LATE = Histogram("gridmask_work_late_seconds", "How long after it was due this process took up work.", ["kind"])
RUNG = Counter("gridmask_work_rung_total", "Hints to workers that something is due, by what became of them.", ["outcome"])
