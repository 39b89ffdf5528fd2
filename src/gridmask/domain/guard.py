"""The guard: what would take too much from a VO at once is held, whole, until a person has looked at it (promise D4).

A *taking* is a row that automation is about to make unusable. Each has causes: the sources that its reasons rest on, the
policies that decided, a new set of policies. Where the takings with one cause, those of the last while included, are more than
a number *and* more than a share of some VO's usable rows of a type, all of them that are new are held: the rows stay as they
were, in a batch that a person confirms or drops.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from gridmask.domain.decision import Reason, ReasonKind, Verdict, combine
from gridmask.domain.downtime import MANUAL
from gridmask.domain.element import RowKey
from gridmask.domain.matching import matches


class Cause(NamedTuple):
    """What several takings can have in common: a ``source``, a ``policy``, or a set of ``policies``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Cap:
    """How much may be taken within a window: up to ``number`` rows whatever share they are, up to ``share`` however many."""

    share: float
    number: int

    def exceeded(self, taken: int, usable: int) -> bool:
        """Whether ``taken`` of ``usable`` rows are too many."""
        return taken > self.number and taken > self.share * usable


@dataclass(frozen=True, slots=True)
class CapFor:
    """Caps of their own for some VOs and types, by glob patterns."""

    general: Cap
    declared: Cap
    vo: str = "*"
    type: str = "*"


@dataclass(frozen=True, slots=True)
class Guard:
    """What is held.

    Attributes:
        general: how much measurements, probes and all other evidence may take.
        declared: how much declared downtimes may take, which are announced by people.
        window: how far back takings count together.
        expires: how long a batch waits for a person; what is still wanted then is looked at anew.
        caps: caps of some VOs and types; the first that fits counts.
        enabled: whether anything is held at all.
    """

    general: Cap = Cap(0.2, 20)
    declared: Cap = Cap(0.5, 40)
    window: timedelta = timedelta(hours=1)
    expires: timedelta = timedelta(hours=24)
    caps: tuple[CapFor, ...] = ()
    enabled: bool = True

    def cap(self, vo: str, type_: str, *, declared: bool) -> Cap:
        """The cap on what may be taken from ``vo`` of elements of type ``type_``."""
        own = next((c for c in self.caps if matches(c.vo, vo) and matches(c.type, type_)), None)
        general, announced = (own.general, own.declared) if own else (self.general, self.declared)
        return announced if declared else general


DEFAULT_GUARD = Guard()

UNGUARDED = Guard(enabled=False)


@dataclass(frozen=True, slots=True)
class Hold:
    """That a row is kept usable against what automation asks for.

    Attributes:
        batch: the batch that it belongs to.
        until: when it is looked at anew.
        dropped: whether a person decided that it stays as it is; else it waits for one.
    """

    batch: str
    until: datetime
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """A row that automation makes unusable, at ``at``, for ``vos``. ``declared``: because of declared downtimes alone."""

    at: datetime
    row: RowKey
    vos: frozenset[str]
    causes: frozenset[Cause]
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Because:
    """Why a row was taken, as its history keeps it: the causes, and whether it was declared downtimes alone."""

    causes: tuple[Cause, ...]
    declared: bool


class BatchState(StrEnum):
    """What has become of a batch; it is ``EMPTIED`` where nothing asks any more for what it held."""

    HELD = "held"
    EMPTIED = "emptied"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Batch:
    """Takings with one cause that are held together.

    Attributes:
        id: what it is called.
        cause: what they have in common.
        opened_at, expires_at: since when it is held, and until when.
        rows: how many rows were held in it, ever.
        vos: the VOs from which too much would have been taken.
        state: what has become of it; what expired is told by ``expires_at``.
        decided_at, decided_by, comment: the person's decision.
    """

    id: str
    cause: Cause
    opened_at: datetime
    expires_at: datetime
    rows: int = 0
    vos: frozenset[str] = frozenset()
    state: BatchState = BatchState.HELD
    decided_at: datetime | None = None
    decided_by: str = ""
    comment: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether it waits for a person."""
        return self.state is BatchState.HELD and now < self.expires_at


Census = Mapping[tuple[str, str], int]
"""How many rows are usable, by VO and element type."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the guard remembers.

    Attributes:
        recent: the takings of the last while that went through.
        batches: those that are open, and those decided of late, by id.
        is_complete: whether ``recent`` is told; most steps take nothing and need not know.
    """

    recent: tuple[Taking, ...] = ()
    batches: Mapping[str, Batch] = field(default_factory=dict)
    is_complete: bool = True

    def open_for(self, cause: Cause, now: datetime) -> Batch | None:
        """The open batch with that cause."""
        return next((b for _, b in sorted(self.batches.items()) if b.cause == cause and b.is_open(now)), None)

    def counting(self, cause: Cause, since: datetime) -> tuple[Taking, ...]:
        """The takings with ``cause`` after ``since`` that nobody has confirmed."""
        confirmed = [b.decided_at for b in self.batches.values() if b.cause == cause and b.state is BatchState.CONFIRMED]
        start = max((since, *(at for at in confirmed if at is not None)))
        return tuple(t for t in self.recent if cause in t.causes and t.at > start)


NOTHING_WATCHED = Watch()


def causes_of(verdicts: Iterable[Verdict], revision: str | None = None) -> tuple[frozenset[Cause], bool]:
    """What made ``verdicts`` ask for what they ask for, and whether that is declared downtimes alone.

    ``revision``: the policies that were loaded just now, if that is what happened.
    """
    winners = combine(verdicts).winners
    reasons = [reason for verdict in winners for reason in verdict.reasons]
    found = {Cause("policy", f"{v.policy} of {v.layer}") for v in winners}
    found |= {Cause("source", _who(reason)) for reason in reasons if reason.source}
    if revision:
        found.add(Cause("policies", revision))
    return frozenset(found), bool(reasons) and all(reason.kind is ReasonKind.DOWNTIME for reason in reasons)


def _who(reason: Reason) -> str:
    """The source of ``reason``; of what people declare, each declaration is one, as one may be mistaken and not the next."""
    return f"{reason.source} {reason.record}".strip() if reason.source == MANUAL else reason.source


def suspicious(takings: Iterable[Taking], watch: Watch, guard: Guard, now: datetime) -> bool:
    """Whether any cause takes so many rows that their share has to be known."""
    grouped = _by_cause(takings, watch, guard, now)
    return any(
        count > min(guard.cap(vo, type_, declared=d).number for d in (False, True))
        for group in grouped.values()
        for (vo, type_), count in _counted(group).items()
    )


def exceeded(
    takings: Iterable[Taking], watch: Watch, guard: Guard, census: Census, now: datetime
) -> Mapping[Cause, frozenset[str]]:
    """The causes with which too much would be taken, each with the VOs from which.

    ``census``: what was usable before ``takings``.
    """
    found: dict[Cause, frozenset[str]] = {}
    for cause, group in _by_cause(takings, watch, guard, now).items():
        before = _counted(t for t in group if t.at < now)
        vos = {
            vo
            for declared, part in ((True, group), (False, [t for t in group if not t.declared]))
            for (vo, type_), count in _counted(part).items()
            if guard.cap(vo, type_, declared=declared).exceeded(count, census.get((vo, type_), 0) + before[vo, type_])
        }
        if vos:
            found[cause] = frozenset(vos)
    return found


def _by_cause(takings: Iterable[Taking], watch: Watch, guard: Guard, now: datetime) -> dict[Cause, list[Taking]]:
    """The takings with each cause, those of the last while with them; a row that is taken again counts once."""
    grouped: dict[Cause, dict[RowKey, Taking]] = {}
    for taking in takings:
        for cause in taking.causes:
            grouped.setdefault(cause, {})[taking.row] = taking
    for cause, rows in grouped.items():
        for earlier in watch.counting(cause, now - guard.window):
            rows.setdefault(earlier.row, earlier)
    return {cause: list(rows.values()) for cause, rows in grouped.items()}


def _counted(takings: Iterable[Taking]) -> Counter[tuple[str, str]]:
    return Counter((vo, taking.row.element.type) for taking in takings for vo in taking.vos)
