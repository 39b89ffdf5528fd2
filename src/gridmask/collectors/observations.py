"""Observations: what an answer of a source that measures says, and what could not be read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import Measurement, Probe, Transfers

MOST = 100_000
"""So many measurements an answer has at most. To take in so many takes some ten seconds, during which nothing else changes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, told to people with its place.

    ``left_out``: it may be about anything, so that nothing may count as gone by this answer.
    """

    text: str
    left_out: bool = True


@dataclass(frozen=True, slots=True)
class Observations:
    """What an answer says.

    Attributes:
        evidence: what could be read; of a record that is listed twice, what was observed last.
        conclusive: whether what is not in it is not measured any more; not, where something could not be read.
        problems: what could not be read, or cannot be.
        rest: what a record says that is gone: of tickets, that none is open. None: it is not measured any more.
    """

    evidence: tuple[Evidence, ...]
    conclusive: bool = True
    problems: tuple[str, ...] = ()
    rest: Measurement | None = None

    @classmethod
    def of(cls, found: Iterable[Evidence | Problem], rest: Measurement | None = None) -> Self:
        """What was ``found`` in an answer, in its order; ``rest``: what a record says that is gone.

        Raises:
            MalformedAnswer: it is so much that all else would have to wait for it.
        """
        said: dict[EvidenceKey, list[Evidence]] = {}
        problems: list[Problem] = []
        for item in found:
            if isinstance(item, Problem):
                problems.append(item)
            else:
                said.setdefault(item.key, []).append(item)
                if len(said) > MOST:
                    raise MalformedAnswer(item.key.source, f"measures more than {MOST:,} things, which nobody can have meant.")
        last = {key: _last(items) for key, items in said.items()}
        problems += [
            Problem(f"{key.record} of {key.about}: is listed twice, and they do not agree") for key in last if not last[key]
        ]
        agreed = tuple(item for item in last.values() if item is not None)
        return cls(agreed, not any(problem.left_out for problem in problems), tuple(problem.text for problem in problems), rest)

    def resolving(self, aliases: Mapping[str, str]) -> Observations:
        """These, with each VO that goes by one of ``aliases`` under its canonical name."""
        if aliases.keys().isdisjoint(item.vo for item in self.evidence):
            return self
        return replace(self, evidence=tuple(replace(item, vo=aliases.get(item.vo, item.vo)) for item in self.evidence))

    def until(self, latest: datetime) -> Observations:
        """These, without what claims to have been observed after ``latest``."""
        late = [item for item in self.evidence if item.observed_at > latest]
        if not late:
            return self
        told = (f"{item.key.record} of {item.key.about}: observed_at lies in the future." for item in late)
        kept = tuple(item for item in self.evidence if item.observed_at <= latest)
        return replace(self, evidence=kept, conclusive=False, problems=(*self.problems, *told))

    def at_rest(self, gone: Iterable[Evidence], now: datetime, valid_for: timedelta) -> tuple[Evidence, ...]:
        """What the records say that are ``gone``, from ``now`` on; nothing, where being gone says nothing."""
        told = ((item, self.resting(item.value)) for item in gone)
        until = now + valid_for
        return tuple(
            replace(item, value=value, observed_at=now, valid_until=until) for item, value in told if value is not None
        )

    def resting(self, value: object) -> Measurement | None:
        """What a record says that is gone, and said ``value`` before; None: nothing.

        Of a channel it stays about that one, and of a probe about what that was called.
        """
        if isinstance(self.rest, Probe) and isinstance(value, Probe):
            return replace(self.rest, metric=value.metric)
        if isinstance(self.rest, Transfers) and isinstance(value, Transfers):
            return replace(self.rest, direction=value.direction, other=value.other)
        return self.rest


def _last(said: list[Evidence]) -> Evidence | None:
    """What was observed last of a record; None where that is told in two ways."""
    moment = max(item.observed_at for item in said)
    newest = [item for item in said if item.observed_at == moment]
    return newest[0] if all(item == newest[0] for item in newest) else None
