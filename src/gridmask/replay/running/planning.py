"""Planning: what is asked for becomes a plan."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.recording import file
from gridmask.replay.running.parting import bonds, separable
from gridmask.replay.running.plan import Plan, compiled

if TYPE_CHECKING:
    from gridmask.recording.recording import Document, Recording

WORTHWHILE = 10_000
"""With so many things that happened, it is quicker to begin further processes than to do all in one."""

MOST = 16


def planned(
    path: Path,
    *,
    policies: Document | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    decisions: bool = False,
    processes: int | None = None,
) -> Plan:
    """The plan for the recording at ``path``.

    Args:
        path: the file.
        policies: those to decide by; None: those of then, as it was. A history that was put together has no such thing: of it,
            those that it was made with.
        since: from when on; None: from its beginning.
        until: up to when; None: to its end.
        decisions: whether decisions that change nothing are told.
        processes: how many at most; None: as many as there are processors, where that is worthwhile.

    Raises:
        InvalidConfiguration: the file is no recording, or not whole.
        InvalidRequest: nothing is recorded of that time.
    """
    recording = file.read(path)
    begin, end = since or recording.since or recording.world.at, until or recording.until
    _check(recording, begin, end)
    if policies is None and not recording.lived:
        policies = recording.documents.get(recording.world.policies)
        if policies is None:
            raise InvalidRequest("The history has no policies with it: name some with --policies.")
    parts = _parts(recording, policies, processes)
    return Plan(
        recording=str(path.absolute()),
        size=path.stat().st_size,
        since=begin,
        until=end,
        policies=policies,
        events=_events(recording),
        decisions=decisions,
        parts=parts,
        bonds=bonds(recording.lines) if parts > 1 else (),
    )


def _check(recording: Recording, begin: datetime, end: datetime) -> None:
    first, last = recording.world.at, recording.until
    if begin < first or end > last:
        raise InvalidRequest(f"The recording is from {first:%FT%TZ} to {last:%FT%TZ}; nothing is known before or after that.")
    if end < begin:
        raise InvalidRequest("A period begins before it ends: --since comes before --until.")


def _parts(recording: Recording, policies: Document | None, processes: int | None) -> int:
    if policies is None or not separable(compiled(policies)):
        return 1
    if processes is not None:
        return processes
    return min(len(os.sched_getaffinity(0)), MOST) if _events(recording) >= WORTHWHILE else 1


def _events(recording: Recording) -> int:
    return len(recording.lines) if isinstance(recording.lines, file.Lines) else 0
