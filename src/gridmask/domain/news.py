"""News: what the outside is told of, as values. Each has a key that stays the same however often it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gridmask.domain.severity import Severity, severity
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gridmask.domain.decision import Reason, Verdict
    from gridmask.domain.element import Element, RowKey


class Topic(StrEnum):
    """What news are about."""

    CHANGES = "changes"
    BATCH = "batch"
    REMINDER = "reminder"
    SOURCE = "source"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """That a row became another.

    Attributes:
        number: its number among all changes; a later one of the same row has a higher.
        row: which row.
        element: its element, as the inventory has it when this is told.
        kind: what happened, as history calls it (``status``, ``opened``, ``ended``, ``token``, ``held``).
        before: the status before; None: there was no such row.
        after: the status since; None: the row ended.
        at: when it happened.
        since: since when it has the status ``after``: ``at``, unless it had it before.
        reasons: why it is so.
        actor: who did it; ``gridmask`` is automation.
        revision: the revision that it is part of.
        verdicts: what each policy said at that time, advisory ones included.
        combined: what the verdicts add up to, whatever became of it; None: that was not asked.
        token_owner: whose the row is, if a person's.
        binding: whether, as a row of ``all``, it outranks every VO's.
        apart: the VOs that have a row of their own beside this one of ``all``, when this is told.
        inherited: where a VO's row begins or ends, what is seen in its place: the status of ``all`` before, or since.
    """

    number: int
    row: RowKey
    element: Element
    kind: str
    before: Status | None
    after: Status | None
    at: datetime
    since: datetime
    reasons: tuple[Reason, ...]
    actor: str
    revision: int
    verdicts: tuple[Verdict, ...] = ()
    combined: Status | None = None
    token_owner: str | None = None
    binding: bool = False
    apart: frozenset[str] = frozenset()
    inherited: Status | None = None

    @property
    def seen_before(self) -> Status | None:
        """What whoever asked saw before: the row's status, or that of ``all`` where the VO had none of its own."""
        return self.inherited if self.before is None else self.before

    @property
    def seen_after(self) -> Status | None:
        """What whoever asks sees since."""
        return self.inherited if self.after is None else self.after

    @property
    def severity(self) -> Severity:
        """How much worse, or better, it made what is seen."""
        return severity(self.seen_before, self.seen_after)

    def is_seen_by(self, vo: str) -> bool:
        """Whether it shows in the mask of ``vo``: by its own row, or by that of ``all`` where that counts for it."""
        if self.row.vo == vo:
            return True
        if self.row.vo != ALL or not self.element.is_offered_to(vo):
            return False
        return self.binding or vo not in self.apart

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it."""
        return {
            **self.row.element._asdict(),
            "status_type": self.row.status_type,
            "vo": self.row.vo,
            "kind": self.kind,
            "old": _label(self.before),
            "new": _label(self.after),
            "reasons": [reason.text for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """What a revision changed."""

    revision: int
    at: datetime
    actor: str
    action: str
    changes: tuple[Change, ...]

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it."""
        told = [change.document() for change in self.changes]
        return {"revision": self.revision, "at": self.at, "actor": self.actor, "action": self.action, "changes": told}


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """That the guard holds a batch, that it grew, or that somebody decided about it."""

    batch: str
    state: str
    cause: str
    rows: int
    vos: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it."""
        about = {"batch": self.batch, "state": self.state, "cause": self.cause, "rows": self.rows, "vos": list(self.vos)}
        return {"topic": Topic.BATCH, **about}


@dataclass(frozen=True, slots=True)
class Reminder:
    """That a token is about to end, or that what is held without an end is to be reviewed. ``rows`` are told in words."""

    owner: str
    expires_at: datetime | None
    review_at: datetime | None
    rows: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it."""
        when = {"expires_at": self.expires_at, "review_at": self.review_at}
        return {"topic": Topic.REMINDER, "owner": self.owner, **when, "rows": list(self.rows)}


@dataclass(frozen=True, slots=True)
class SourceState:
    """That a source fares otherwise than before.

    Attributes:
        source: which source.
        state: ``failing`` or ``good``; ``quarantined``, ``cleared``, ``accepted`` or ``dropped`` is what its answer is.
        why: why, where that is known.
        facts: all that is told of it.
    """

    source: str
    state: str
    why: str
    facts: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it."""
        return {"topic": Topic.SOURCE, **self.facts}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something else, as it stands in the outbox: there is no better value for it yet."""

    topic: str
    facts: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it."""
        return {"topic": self.topic, **self.facts}


About = Changes | HeldBatch | Reminder | SourceState | Notice

_TOPICS: dict[type[Any], Topic] = {
    Changes: Topic.CHANGES,
    HeldBatch: Topic.BATCH,
    Reminder: Topic.REMINDER,
    SourceState: Topic.SOURCE,
}


@dataclass(frozen=True, slots=True)
class News:
    """Something that the outside is told.

    Attributes:
        key: the same however often it is told; of no other news.
        number: its place among all news: what comes later has a higher one.
        at: when it happened.
        about: what happened.
    """

    key: str
    number: int
    at: datetime
    about: About

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return _TOPICS.get(type(self.about), Topic.OTHER)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of rows that it tells of; none, if it is about something else."""
        return self.about.changes if isinstance(self.about, Changes) else ()

    def document(self) -> dict[str, Any]:
        """As webhooks are told of it, ready to be JSON."""
        return self.about.document()

    def only(self, wanted: Callable[[Change], bool]) -> News | None:
        """The same with those changes alone that are ``wanted``; None, if that leaves none. What is no change stays."""
        if not isinstance(self.about, Changes):
            return self
        kept = tuple(change for change in self.about.changes if wanted(change))
        if len(kept) == len(self.about.changes):
            return self
        return replace(self, about=replace(self.about, changes=kept)) if kept else None


def _label(status: Status | None) -> str | None:
    return None if status is None else status.label
