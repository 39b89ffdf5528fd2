"""Doubt of ourselves: where too many hosts fail at once, it is not they who are down. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gridmask.probes.schedule import Key


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one probe went, as far as doubts go. ``every``: its period in seconds."""

    key: Key
    host: str
    every: float
    is_bad: bool


@dataclass(frozen=True, slots=True)
class _Turned:
    host: str
    at: float
    every: float


class Doubt:
    """Remembers who fails, and since when.

    A target that failed before, and was believed to, goes on failing. What counts is how many hosts have begun to fail within
    their own period. Once these are more than a share of all hosts and more than a number, whoever begins is not believed until
    enough of them are well again. That their period is over does not end it: an outage of ours may last for many.
    """

    def __init__(self, share: float, hosts: int) -> None:
        self._share = share
        self._hosts = hosts
        self._believed: dict[Key, bool] = {}
        self._host_of: dict[Key, str] = {}
        self._turned: dict[Key, _Turned] = {}
        self._held: set[Key] = set()
        self._reason: frozenset[Key] = frozenset()

    def recall(self, bad: Iterable[Key]) -> None:
        """Those are known to fail from before."""
        for key in bad:
            self._believed.setdefault(key, True)

    def believe(self, bad: Iterable[Key]) -> None:
        """Those fail indeed, says somebody who knows; others that begin to do so are looked at anew."""
        for key in bad:
            self._believed[key] = True
            self._held.discard(key)
        self._reason = frozenset()

    def is_news(self, outcome: Outcome) -> bool:
        """Whether it fails and did not before."""
        return outcome.is_bad and not self._believed.get(outcome.key, False)

    def forget(self, gone: Iterable[Key]) -> None:
        """Those are not probed any more."""
        for key in gone:
            for known in (self._believed, self._host_of, self._turned):
                known.pop(key, None)
            self._held.discard(key)

    def held(self, outcomes: Iterable[Outcome], now: float) -> frozenset[Key]:
        """Those of ``outcomes`` that are not to be believed."""
        fresh = [outcome for outcome in outcomes if self._noted(outcome, now)]
        lasting = self._held | self._reason
        self._turned = {k: t for k, t in self._turned.items() if k in lasting or now - t.at < t.every}
        self._reason = frozenset(self._turned) if self.too_many else frozenset()
        if self._reason:
            self._held.update(outcome.key for outcome in fresh)
            return frozenset(outcome.key for outcome in fresh)
        for outcome in fresh:
            self._believed[outcome.key] = True
            self._held.discard(outcome.key)
        return frozenset()

    @property
    def too_many(self) -> bool:
        """Whether too many hosts have begun to fail."""
        failing = len({turned.host for turned in self._turned.values()})
        return failing > self._hosts and failing > self._share * len(set(self._host_of.values()))

    def _noted(self, outcome: Outcome, now: float) -> bool:
        """Note ``outcome``; whether it is one that has to be thought about."""
        self._host_of[outcome.key] = outcome.host
        if not outcome.is_bad:
            self._believed[outcome.key] = False
            self._turned.pop(outcome.key, None)
            self._held.discard(outcome.key)
            return False
        if not self.is_news(outcome):
            return False
        self._turned.setdefault(outcome.key, _Turned(outcome.host, now, outcome.every))
        return True
