"""Conditions: which news an action is told of. Pure: what they look at is in the news alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.matching import ANY_ROW, STATIC_KEYS, Match, agrees
from gridmask.domain.news import Changes, HeldBatch, News, Reminder, Topic
from gridmask.domain.policy import static_values
from gridmask.domain.severity import Severity

if TYPE_CHECKING:
    from gridmask.cel.changes import ChangeCondition
    from gridmask.domain.news import Change
    from gridmask.domain.status import Status

KEYS = (*STATIC_KEYS, "before", "after", "kind", "actor", "token_owner")
"""What ``match`` can name: what policies' matches can of the inventory, and of the change."""

EVERY_TOPIC = frozenset(Topic)


class Chosen(NamedTuple):
    """What an action is to be told of some news (None: nothing), and what could not be found out."""

    news: News | None
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for a change, all of it; of other topics, whether they are told at all.

    Attributes:
        topics: the topics that are told.
        match: patterns for :data:`KEYS`.
        seen_by: VOs, in one of whose masks it must show; empty: whosever.
        verdicts: by pattern of policies' names, patterns of the status that one of these policies must have asked for.
        combined: patterns of what the verdicts must add up to; empty: whatever.
        severity: how severe it must be; empty: however.
        when: what else must hold, in CEL.
    """

    topics: frozenset[Topic] = EVERY_TOPIC
    match: Match = ANY_ROW
    seen_by: frozenset[str] = frozenset()
    verdicts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    combined: tuple[str, ...] = ()
    severity: frozenset[Severity] = frozenset()
    when: ChangeCondition | None = None

    @property
    def is_about_changes(self) -> bool:
        """Whether it asks anything of a change."""
        return self != Condition(topics=self.topics)

    def chosen(self, news: News) -> Chosen:
        """What of ``news`` is told."""
        if news.topic not in self.topics or not self._concerns(news):
            return Chosen(None)
        if not isinstance(news.about, Changes) or not self.is_about_changes:
            return Chosen(news)
        troubles: list[str] = []
        kept = frozenset(change.number for change in news.changes if self._wants(change, troubles))
        found = news.only(lambda change: change.number in kept) if kept else None
        return Chosen(found, tuple(dict.fromkeys(troubles)))

    def refusal(self, change: Change) -> str | None:
        """Why it does not hold for ``change``, in words; None: it does."""
        if Topic.CHANGES not in self.topics:
            return "it is told of no changes"
        troubles: list[str] = []
        return next((told for holds, told in self._tests(change, troubles) if not holds), None)

    def _concerns(self, news: News) -> bool:
        if not self.seen_by:
            return True
        match news.about:
            case HeldBatch():
                return not self.seen_by.isdisjoint(news.about.vos)
            case Reminder():  # its rows are in words, as rows are called: ComputingElement ce01 for cms
                return any(row.endswith(f" for {vo}") for row in news.about.rows for vo in self.seen_by)
            case _:
                return True

    def _wants(self, change: Change, troubles: list[str]) -> bool:
        return all(holds for holds, _ in self._tests(change, troubles))

    def _tests(self, change: Change, troubles: list[str]) -> Iterable[tuple[bool, str]]:
        """One after the other what is asked, with what is told where it is not so; the dearest last."""
        if self.severity:
            wanted = " or ".join(sorted(self.severity))
            yield change.severity in self.severity, f"it is {change.severity}, not {wanted}"
        if self.seen_by:
            yield any(map(change.is_seen_by, self.seen_by)), f"{change.row} does not show for {', '.join(sorted(self.seen_by))}"
        if self.match.patterns:
            values = values_of(change)
            accepted = self.match.accepts(values)
            yield accepted, "" if accepted else _mismatch(self.match, values)
        if self.combined:
            label = _label(change.combined)
            yield agrees(self.combined, label), f"the verdicts add up to {label or 'nothing'}, not {' or '.join(self.combined)}"
        for policy, statuses in self.verdicts:
            told = f"{policy} has not said {' or '.join(statuses)}"
            yield any(agrees((policy,), v.policy) and agrees(statuses, v.status.label) for v in change.verdicts), told
        if self.when is not None:
            yield _holds(self.when, change, troubles), f"this does not hold: {self.when.source}"


ALWAYS = Condition()
"""All news are told."""


def values_of(change: Change) -> Mapping[str, str | Iterable[str]]:
    """What ``match`` is compared with, for ``change``."""
    return {
        **static_values(change.row, change.element),
        "before": _label(change.seen_before),
        "after": _label(change.seen_after),
        "kind": change.kind,
        "actor": change.actor,
        "token_owner": change.token_owner or "",
    }


def _holds(when: ChangeCondition, change: Change, troubles: list[str]) -> bool:
    try:
        return when.holds(change)
    except ValueError as error:
        troubles.append(f"{when.source}: {error}")
        return False


def _mismatch(match: Match, values: Mapping[str, str | Iterable[str]]) -> str:
    for key, patterns in match.patterns:
        if not agrees(patterns, values[key]):
            value = values[key]
            told = value if isinstance(value, str) else ", ".join(sorted(value))
            return f"{key} is {told or 'empty'}, not {' or '.join(patterns)}"
    return ""


def _label(status: Status | None) -> str:
    return "" if status is None else status.label
