"""Outcomes: what became of a period, however long it was: what changed, and nothing of the time between.

An outcome keeps rows as they are kept, each with its changes, and what the inventory said; what a VO saw of it is read off
(:mod:`gridmask.replay.seen`). So its size grows with what happened, neither with the length of the period nor with the number
of VOs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.domain.decision import Reason
    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.guard import Batch
    from gridmask.domain.hindsight import Known


class Moment(NamedTuple):
    """What a row was from ``at`` on.

    Attributes:
        at: when it became so.
        status: its status; None: the row ended.
        binding: whether it outranks every VO's own row (promise V4).
        owner: the person whose it is; None: automation's.
        opinion: what automation would make of it.
        batch: the batch by which the guard holds it; empty: it does not.
        reasons: why it is what it is.
    """

    at: datetime
    status: Status | None
    binding: bool = False
    owner: str | None = None
    opinion: Status = Status.UNKNOWN
    batch: str = ""
    reasons: tuple[Reason, ...] = ()

    def is_as(self, other: Moment) -> bool:
        """Whether both say the same, whenever: of reasons, what sort they are of and what records they name."""
        return self[1:-1] == other[1:-1] and gist(self.reasons) == gist(other.reasons)


def gist(reasons: tuple[Reason, ...]) -> list[tuple[str, ...]]:
    """What sort ``reasons`` are of, and what records they name; not in what words."""
    return [(reason.kind, reason.source, reason.record) for reason in reasons]


class Described(NamedTuple):
    """What the inventory said from ``at`` on; None: it had no such element."""

    at: datetime
    element: Element | None


class Presence(NamedTuple):
    """Whether there was a VO from ``at`` on."""

    at: datetime
    there: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What became of one element: how it was described, and its rows by status type and VO."""

    described: tuple[Described, ...]
    rows: Mapping[tuple[str, str], tuple[Moment, ...]]

    @property
    def element(self) -> Element | None:
        """It as it was described last; None: it never was."""
        return next((one.element for one in reversed(self.described) if one.element is not None), None)

    @property
    def aspects(self) -> tuple[str, ...]:
        """Its status types, in order."""
        return tuple(sorted({aspect for aspect, _ in self.rows}))


class Deed(NamedTuple):
    """What a person did.

    Attributes:
        at: when.
        kind: what event it was.
        actor: who did it.
        rows: with which rows.
        vo: for whom, where it was not done with rows.
        needless: how many of the rows already were what the person made them.
        refusal: why it could not be done; empty: it was.
    """

    at: datetime
    kind: str
    actor: str
    rows: tuple[RowKey, ...] = ()
    vo: str = ""
    needless: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of everything from ``since`` up to ``until``.

    Attributes:
        since, until: the period.
        policies: the revision of the policies at its end.
        pasts: by element, what became of it.
        vos: by VO, when it was there.
        versions: the versions of downtimes that were known at any time of it, each with when.
        deeds: what people did.
        batches: what the guard held, each batch as it was at last.
    """

    since: datetime
    until: datetime
    policies: str = ""
    pasts: Mapping[ElementKey, Past] = field(default_factory=dict)
    vos: Mapping[str, tuple[Presence, ...]] = field(default_factory=dict)
    versions: tuple[Known, ...] = ()
    deeds: tuple[Deed, ...] = ()
    batches: Mapping[str, Batch] = field(default_factory=dict)


def followed(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """``moments``, in order, without those that say nothing new; of several at once, the last."""
    kept: list[Moment] = []
    for one in moments:
        if kept and kept[-1].at == one.at:
            kept.pop()
        if not kept or not kept[-1].is_as(one):
            kept.append(one)
    return tuple(kept)


C = TypeVar("C", Described, Presence)


def changed(found: Iterable[C]) -> tuple[C, ...]:
    """``found``, in their order, without what says nothing new; of several at once, the last."""
    kept: list[C] = []
    for one in sorted(found, key=_at):
        if kept and kept[-1].at == one.at:
            kept.pop()
        if not kept or kept[-1][1] != one[1]:
            kept.append(one)
    return tuple(kept)


def _at(one: Described | Presence) -> datetime:
    return one.at
