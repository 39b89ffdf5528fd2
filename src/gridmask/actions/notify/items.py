"""Items: what people are told. An item is the story of one row, or of something else; its steps are single events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.element import WHOLE
from gridmask.domain.news import Changes, HeldBatch, News, Reminder, SourceState
from gridmask.domain.severity import Severity, severity
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.domain.news import Change

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Step:
    """A single event.

    Attributes:
        id: what it is, and nothing else: the number of a change, or the key of other news.
        at: when it happened.
        before, after: statuses, of a change.
        why: why, in words.
        who: who did it; empty: automation.
        revision: the revision, of a change.
    """

    id: str
    at: datetime
    before: Status | None = None
    after: Status | None = None
    why: str = ""
    who: str = ""
    revision: int = 0


class Subject(NamedTuple):
    """What an item is about: a row; or something else, which is only called ``name``. ``kind``: ``row`` or a topic."""

    kind: str
    name: str
    family: str = ""
    type: str = ""
    status_type: str = ""
    vo: str = ""
    site: str = ""

    def __str__(self) -> str:
        if self.kind != "row":
            return self.name
        aspect = "" if self.status_type == WHOLE else f" {self.status_type}"
        return f"{self.type} {self.name}{aspect} for {self.vo}"


@dataclass(frozen=True, slots=True)
class Item:
    """What happened to a subject, in the order in which it happened."""

    subject: Subject
    steps: tuple[Step, ...]

    @property
    def before(self) -> Status | None:
        """What it was at first."""
        return self.steps[0].before

    @property
    def after(self) -> Status | None:
        """What it is at last."""
        return self.steps[-1].after

    @property
    def since(self) -> datetime:
        """Since when it is that."""
        return self.steps[-1].at

    @property
    def is_back(self) -> bool:
        """Whether it ended where it began."""
        return self.subject.kind == "row" and len(self.steps) > 1 and self.before is self.after

    @property
    def severity(self) -> Severity:
        """How severe it is, all in all."""
        return severity(self.before, self.after)


def joined(items: Iterable[Item]) -> tuple[Item, ...]:
    """``items`` with those about the same subject made one, in the order in which they began; no step is told twice."""
    found: dict[Subject, Item] = {}
    for item in items:
        known = found.setdefault(item.subject, item)
        if known is not item:
            there = {step.id for step in known.steps}
            more = tuple(step for step in item.steps if step.id not in there)
            found[item.subject] = replace(known, steps=known.steps + more)
    return tuple(found.values())


def item_of(change: Change) -> Item:
    """The item that ``change`` makes."""
    key, why = change.row.element, "; ".join(reason.text for reason in change.reasons)
    subject = Subject("row", key.name, key.family, key.type, change.row.status_type, change.row.vo, change.element.site)
    who = "" if change.actor == "gridmask" else change.actor
    seen = (change.seen_before, change.seen_after)
    step = Step(str(change.number), change.at, *seen, why[:_LONGEST_REASON], who, change.revision)
    return Item(subject, (step,))


def items_of(news: News) -> tuple[Item, ...]:
    """The items that ``news`` make."""
    if isinstance(news.about, Changes):
        return tuple(map(item_of, news.changes))
    name, why = _in_words(news)
    return (Item(Subject(str(news.topic), name), (Step(news.key, news.at, why=why[:_LONGEST_REASON]),)),)


def _in_words(news: News) -> tuple[str, str]:
    match news.about:
        case HeldBatch(batch, state, cause, rows, vos):
            return f"batch {batch}", f"{state}: {rows:,} rows because of {cause}, from {', '.join(vos)}"
        case Reminder(owner, expires_at, review_at, rows):
            when = f"what you hold ends at {_utc(expires_at)}" if expires_at else f"to be reviewed at {_utc(review_at)}"
            return f"reminder of {owner}", f"{when}: {', '.join(rows)}"
        case SourceState(source, state, why, _):
            return f"source {source}", f"{state}: {why}" if why else state
        case _:
            told = news.document()
            return str(told.get("subject", told.get("topic", news.topic))), str(told)


def _utc(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "no time"
