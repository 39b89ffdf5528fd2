"""Severity: how much worse, or better, a change made what it changed."""

from __future__ import annotations

from enum import StrEnum

from gridmask.domain.status import Status, usable


class Severity(StrEnum):
    """What a change means to those who use a service."""

    LOST = "lost"
    """It was usable, and is not."""
    WORSE = "worse"
    """It is as usable or as unusable as before, and worse."""
    BETTER = "better"
    """It is as usable or as unusable as before, and better."""
    REGAINED = "regained"
    """It was not usable, and is."""
    OTHER = "other"
    """It has the status that it had, or had none before, or has none any more."""


def severity(before: Status | None, after: Status | None) -> Severity:
    """How severe it is that what was ``before`` is ``after``; None: there was, or is, no such row."""
    if before is None or after is None or before is after:
        return Severity.OTHER
    if usable(before) is not usable(after):
        return Severity.LOST if usable(before) else Severity.REGAINED
    return Severity.WORSE if _rank(after) < _rank(before) else Severity.BETTER


def _rank(status: Status) -> float:
    # what nobody knows may be as good as what is tried, and is not as good as what can be used
    return Status.PROBING + 0.5 if status is Status.UNKNOWN else float(status)
