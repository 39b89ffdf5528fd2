"""What is written down, and read again, is what it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from gridmask.domain.actor import Actor
from gridmask.domain.events import Event, EvidenceChanged, PoliciesLoaded
from gridmask.domain.evidence import DOWNTIME, Evidence, EvidenceKey
from gridmask.domain.naming import handle
from gridmask.domain.policy import PolicySet
from gridmask.domain.state import State
from gridmask.recording.events import told
from gridmask.recording.packing import packed, packed_world, unpacked, unpacked_world
from gridmask.recording.world import World


def check_it_is_written_down_whole(event: Event) -> None:
    """All of ``event`` but what a person may do, and had seen; of policies, their revision."""
    read = unpacked(packed(told(event), None)).told.event(lambda revision: PolicySet(revision=revision))
    if isinstance(event, PoliciesLoaded):
        assert isinstance(read, PoliciesLoaded)
        assert _revisions(read) == _revisions(event)
        return
    if isinstance(event, EvidenceChanged):
        # they are all put at once, so that their order says nothing
        event = replace(event, put=tuple(sorted(event.put, key=_place)))
    expected: Any = replace(event, actor=Actor(event.actor.name, event.actor.kind))
    assert read == (replace(expected, seen={}) if hasattr(expected, "seen") else expected)


def _place(item: Evidence) -> tuple[str, str, str]:
    return handle(item.key.about), item.key.source, item.key.record


def _revisions(event: PoliciesLoaded) -> tuple[str, str | None]:
    return event.policies.revision, event.before.revision if event.before else None


def check_a_world_is_written_down_whole(state: State, now: datetime) -> None:
    """All that decisions depend on."""
    read = unpacked_world(packed_world(World.of(state, now))).state(lambda _: state.policies)
    for part in ("types", "vos", "elements", "rows", "coverage", "watch"):
        assert getattr(read, part) == getattr(state, part), part
    assert _counting(read, now) == _counting(state, now)
    assert _told(read.rulings) == _told(state.rulings)


def _counting(state: State, now: datetime) -> dict[EvidenceKey, Evidence]:
    """What is known, but for declarations that are over: these are dropped as they come up."""
    known = (item for some in state.evidence.values() for item in some.values())
    return {item.key: item for item in known if item.kind != DOWNTIME or item.counts(now)}


def _told(known: Any) -> dict[Any, Any]:  # noqa: ANN401 - a map of maps
    """Without what is empty: nothing is known there either way."""
    return {key: dict(some) for key, some in known.items() if some}
