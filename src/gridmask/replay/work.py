"""Work: what people did, or were asked to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.guard import BatchState

if TYPE_CHECKING:
    from gridmask.replay.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Work:
    """What people did, or were asked to do.

    Attributes:
        deeds: by kind, how often somebody did something.
        rows: with how many rows, in all.
        needless: how many of the rows that somebody set already were so.
        refused: how often it could not be done, as the row was not there.
        batches: how many batches of the guard waited for a person.
        unanswered: how many of these nobody decided.
    """

    deeds: Mapping[str, int] = field(default_factory=dict)
    rows: int = 0
    needless: int = 0
    refused: int = 0
    batches: int = 0
    unanswered: int = 0


def work(outcome: Outcome, since: datetime | None = None, until: datetime | None = None) -> Work:
    """What people had to do from ``since`` up to ``until``; None: all the time."""
    start, end = since or outcome.since, until or outcome.until
    deeds = [deed for deed in outcome.deeds if start <= deed.at < end]
    batches = [batch for batch in outcome.batches.values() if start <= batch.opened_at < end]
    undecided = {BatchState.HELD, BatchState.EMPTIED}
    return Work(
        dict(sorted(Counter(deed.kind for deed in deeds).items())),
        sum(len(deed.rows) for deed in deeds),
        sum(deed.needless for deed in deeds),
        sum(bool(deed.refusal) for deed in deeds),
        len(batches),
        sum(batch.state in undecided for batch in batches),
    )
