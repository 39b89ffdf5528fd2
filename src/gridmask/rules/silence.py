"""Silence: what is said of a source that has not spoken lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind

if TYPE_CHECKING:
    from gridmask.domain.evidence import Coverage


def silence(coverage: Coverage) -> Reason:
    """Why nothing can be concluded from what the source of ``coverage`` does not say."""
    if coverage.answered_at is None:
        return Reason(ReasonKind.MISSING, f"{coverage.source} has never answered yet.", source=coverage.source)
    text = f"{coverage.source} last answered at {coverage.answered_at:%Y-%m-%d %H:%M} UTC, which is too long ago to rely on."
    return Reason(ReasonKind.MISSING, text, source=coverage.source, since=coverage.valid_until)
