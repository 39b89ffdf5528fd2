"""Finding: all proposals that follow from a recording, each that changes policies with what a replay says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.vo import ALL
from gridmask.recording import file
from gridmask.recording.events import PoliciesLoaded
from gridmask.replay.measures import MEASURES
from gridmask.replay.proposals.disputing import disputing
from gridmask.replay.proposals.extending import extended
from gridmask.replay.proposals.firing import firing
from gridmask.replay.proposals.forgotten import forgotten
from gridmask.replay.proposals.proposal import Effect, Proposal
from gridmask.replay.proposals.watching import Watcher
from gridmask.replay.running.outcomes import gathered, outcomes
from gridmask.replay.running.plan import compiled
from gridmask.replay.scores import Reading, Scores, scores
from gridmask.replay.truth import outages_by_element

if TYPE_CHECKING:
    from gridmask.recording.recording import Document, Recording
    from gridmask.replay.running.plan import Plan

MOST_REPLAYED = 8
"""So many proposals are replayed at most, those with most to them."""

_SMALL = 0.0005


def _unheard(done: int, of: int) -> None:
    del done, of


def found(plan: Plan, most: int = MOST_REPLAYED, heard: Callable[[int, int], None] = _unheard) -> list[Proposal]:
    """The proposals that follow from the recording of ``plan``, those with most to them first.

    Args:
        plan: what happened, or by which policies it is decided.
        most: so many of those that change policies are replayed.
        heard: is told how many replays are done, of how many.
    """
    whole = msgspec.structs.replace(plan, parts=1, bonds=())
    outcome, watcher = gathered(whole, 0, Watcher)
    document = plan.policies if plan.policies is not None else _last(file.read(Path(plan.recording)))
    outages = outages_by_element(outcome)
    made = [
        *forgotten(outcome),
        *extended(outcome, document),
        *disputing(watcher, outages, outcome.since, outcome.until),
    ]
    if document is not None:
        made += firing(watcher, compiled(document), document, outcome.until)
    ordered = sorted(made, key=lambda one: (-one.weight, one.kind, one.about))
    return ordered if document is None else _replayed(whole, document, ordered, most, heard)


def _last(recording: Recording) -> Document | None:
    """The policies that were in force at the end."""
    revision = recording.world.policies
    for line in recording.lines:
        if isinstance(line.told, PoliciesLoaded):
            revision = line.told.revision
    return recording.documents.get(revision)


def _replayed(
    plan: Plan, document: Document, proposals: Sequence[Proposal], most: int, heard: Callable[[int, int], None]
) -> list[Proposal]:
    """``proposals``, those that change policies with what that would have led to, beside those that are."""
    chosen = [place for place, one in enumerate(proposals) if one.change is not None][:most]
    if not chosen:
        return list(proposals)
    documents = [document, *(one.change.document for one in (proposals[place] for place in chosen) if one.change is not None)]
    plans = [msgspec.structs.replace(plan, policies=one) for one in documents]
    present, *tried = [scores(one) for one in outcomes(plans, heard)]
    made = list(proposals)
    for place, would in zip(chosen, tried, strict=True):
        made[place] = replace(made[place], effects=tuple(_effects(present, would)), replayed=True)
    return made


def _effects(present: Scores, would: Scores) -> list[Effect]:
    """The measures that are other, as everyone sees it; where only VOs see it, as they do together."""
    return _seen_by(ALL, present, would) or _seen_by(None, present, would)


def _seen_by(vo: str | None, present: Scores, would: Scores) -> list[Effect]:
    found = []
    for reading in Reading:
        was, then = present.total(reading, vo), would.total(reading, vo)
        for measure in MEASURES:
            before, after = measure.read(was, present.days) or 0.0, measure.read(then, would.days) or 0.0
            if abs(after - before) > _SMALL:
                found.append(Effect(measure.name, reading.value, round(before, 3), round(after, 3)))
    return found
