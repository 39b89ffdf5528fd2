"""Proposals, each with what it rests on, and what a replay says that it would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.recording.recording import Document


class Kind(StrEnum):
    """What sort of disagreement it is about."""

    FORGOTTEN = "forgotten-ban"
    EXTENDED = "extended-downtimes"
    NEVER = "threshold-never-fires"
    ALWAYS = "threshold-always-fires"
    DISPUTE = "sources-disagree"


@dataclass(frozen=True, slots=True)
class Fact:
    """A piece of what a proposal rests on: when, and what; ``record``: where it can be looked up, if anywhere."""

    at: datetime
    text: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A policy text that follows: what would be written in which layer, and the document that the policies then amount to."""

    layer: str
    text: str
    document: Document


@dataclass(frozen=True, slots=True)
class Effect:
    """What a measure was, and would be."""

    measure: str
    reading: str
    was: float
    would: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be done.

    Attributes:
        kind: what it is about.
        about: the row, site, policy or sources.
        says: what is proposed, and why, in a sentence or two.
        figures: what it rests on, counted.
        facts: some of what it rests on, the newest first.
        change: the policy text that follows, where one does.
        effects: what a replay of that change says; empty: it was not replayed, or nothing is other.
        replayed: whether it was replayed.
        weight: how much there is to it, in hours: what has more comes first.
    """

    kind: Kind
    about: str
    says: str
    figures: Mapping[str, float] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    change: Change | None = None
    effects: tuple[Effect, ...] = ()
    replayed: bool = False
    weight: float = 0.0


FACTS = 10
"""So many facts are told of each."""
