"""What became of a section of DIRAC's configuration, for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.dirac_cfg.tree import Section

LONGEST_QUOTE = 120


class Outcome(StrEnum):
    """What became of it."""

    POLICY = "policy"
    OFF = "switched off"
    ABSORBED = "absorbed"
    ARGUMENTS = "arguments"
    BUILT_IN = "built in"
    BY_HAND = "by hand"
    NOTHING = "nothing"


class Weight(StrEnum):
    """What a remark is about."""

    NOTE = "note"
    NO_EFFECT = "no effect in DIRAC"
    DIFFERS = "differs"
    REVIEW = "needs review"


class Remark(NamedTuple):
    """One thing to know about what became of a section."""

    weight: Weight
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one section or option.

    Attributes:
        path: where it is, with slashes.
        line: its line, if it has one.
        outcome: what became of it.
        policy: the policy here that it is part of; None where it is part of none.
        remarks: what there is to know.
    """

    path: str
    line: int | None
    outcome: Outcome
    policy: str | None = None
    remarks: tuple[Remark, ...] = ()

    @classmethod
    def about(
        cls, outer: Section, name: str, outcome: Outcome, remarks: Iterable[Remark] = (), *, policy: str | None = None
    ) -> Entry:
        """The entry of the section or option ``name`` of ``outer``."""
        return cls(shown(outer.path_of(name)), outer.lines.get(name), outcome, policy, tuple(remarks))

    @property
    def needs_review(self) -> bool:
        """Whether a person has to look at it."""
        return any(remark.weight is Weight.REVIEW for remark in self.remarks)


def note(text: str) -> Remark:
    """What is good to know."""
    return Remark(Weight.NOTE, text)


def no_effect(text: str) -> Remark:
    """What DIRAC silently did not heed."""
    return Remark(Weight.NO_EFFECT, text)


def differs(text: str) -> Remark:
    """What Gridmask does otherwise than DIRAC did."""
    return Remark(Weight.DIFFERS, text)


def review(text: str) -> Remark:
    """What only a person can decide."""
    return Remark(Weight.REVIEW, text)


def shown(text: str) -> str:
    """``text`` without what cannot be printed."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def quoted(text: str) -> str:
    """``text`` as a short quotation."""
    brief = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
    return f"'{shown(brief)}'"


def listed(texts: Iterable[str]) -> str:
    """``texts`` as quotations."""
    return ", ".join(map(quoted, texts))
