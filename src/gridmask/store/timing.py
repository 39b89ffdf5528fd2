"""Timing: how long transactions take, and for what they wait."""

from __future__ import annotations

from prometheus_client import Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)

TRANSACTIONS = Histogram(
    "gridmask_transaction_seconds", "How long transactions take, from a connection to their end.", ["kind"], buckets=_BUCKETS
)
WAITS = Histogram(
    "gridmask_transaction_wait_seconds",
    "How long transactions wait before they begin, by for what.",
    ["wait"],
    buckets=_BUCKETS,
)

READING, WRITING = TRANSACTIONS.labels("reading"), TRANSACTIONS.labels("writing")

FOR_TURN = WAITS.labels("turn")
"""For other changes of this process."""

FOR_CONNECTION = WAITS.labels("connection")
"""For a connection to be free, or made."""

FOR_OTHERS = WAITS.labels("counter")
"""For changes of other processes, which have the counter."""
