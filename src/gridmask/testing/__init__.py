"""Builders and a small world for tests, of Gridmask itself and of what extends it.

A rule is tried on a :func:`case`; how it works out over time, on a :class:`Trial`::

    ce = element("ce.example.org")
    trial = Trial(state(ce), at="08:00")
    trial.announce(downtime("10:00", "12:00", ce))
    trial.wait("10:00")
    assert trial.status(ce) is Status.BANNED

Times are written as ``10:00``, on a day that does not matter, or in full as ``2026-08-21T10:00``; both are UTC.
"""

from __future__ import annotations

from gridmask.testing.answers import answered
from gridmask.testing.times import moment
from gridmask.testing.trial import Trial
from gridmask.testing.values import case, coverage, downtime, element, measured, policies, row, state

__all__ = ["Trial", "answered", "case", "coverage", "downtime", "element", "measured", "moment", "policies", "row", "state"]
