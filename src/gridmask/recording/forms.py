"""What sources say, in a form that can be written down: evidence, and downtimes, each with what they are about.

A target is told as three words, as the database has them: family, type and name of an element; or ``Host``, the service and
the host.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import VALUES
from gridmask.domain.naming import HostedService, Target

HOST = "Host"
"""Stands where an element's family would, for a service on a host."""

Words = tuple[str, str, str]
"""A target."""


def words(target: Target) -> Words:
    """``target`` as three words."""
    return (
        (HOST, target.service, target.host) if isinstance(target, HostedService) else (target.family, target.type, target.name)
    )


def target(told: Words) -> Target:
    """What three words mean."""
    return HostedService(told[2], told[1]) if told[0] == HOST else ElementKey(*told)


class Key(msgspec.Struct, array_like=True, frozen=True):
    """The identity of a piece of evidence."""

    source: str
    record: str
    about: Words

    @classmethod
    def of(cls, key: EvidenceKey) -> Key:
        """The form of ``key``."""
        return cls(key.source, key.record, words(key.about))

    def key(self) -> EvidenceKey:
        """What it is the form of."""
        return EvidenceKey(self.source, self.record, target(self.about))


class Measured(msgspec.Struct, array_like=True, frozen=True):
    """A measurement."""

    key: Key
    kind: str
    vo: str
    value: Any
    observed_at: datetime
    valid_until: datetime | None = None

    @classmethod
    def of(cls, item: Evidence) -> Measured:
        """The form of ``item``."""
        value = msgspec.to_builtins(item.value)
        return cls(Key.of(item.key), item.kind, item.vo, value, item.observed_at, item.valid_until)

    def evidence(self) -> Evidence:
        """What it is the form of."""
        value = msgspec.convert(self.value, VALUES[self.kind])
        return Evidence(self.key.key(), self.kind, value, self.observed_at, self.valid_until, self.vo)


class Announced(msgspec.Struct, frozen=True, omit_defaults=True):
    """A version of a downtime."""

    source: str
    record: str
    targets: tuple[Words, ...]
    start: datetime
    severity: str
    end: datetime | None = None
    scheduling: str = "UNSCHEDULED"
    description: str = ""
    vo: str = "all"
    owner: str = ""
    url: str = ""
    created_at: datetime | None = None

    @classmethod
    def of(cls, downtime: Downtime) -> Announced:
        """The form of ``downtime``."""
        return cls(
            downtime.key.source,
            downtime.key.record,
            tuple(sorted(map(words, downtime.targets))),
            downtime.interval.start,
            downtime.severity,
            downtime.interval.end,
            downtime.scheduling,
            downtime.description,
            downtime.vo,
            downtime.owner,
            downtime.url,
            downtime.created_at,
        )

    def downtime(self) -> Downtime:
        """What it is the form of."""
        return Downtime(
            DowntimeKey(self.source, self.record),
            frozenset(map(target, self.targets)),
            Interval(self.start, self.end),
            self.severity,
            self.scheduling,
            self.description,
            self.vo,
            self.owner,
            self.url,
            self.created_at,
        )


def announced(downtimes: Iterable[Downtime]) -> tuple[Announced, ...]:
    """The forms of ``downtimes``."""
    return tuple(map(Announced.of, downtimes))


def readable(measured: Iterable[Measured]) -> tuple[Evidence, ...]:
    """The evidence that ``measured`` are the forms of; without kinds that there are no more."""
    return tuple(one.evidence() for one in measured if one.kind in VALUES)
