"""Reads alerts: one that fires is a probe that found something, one that is over a probe that found nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.alertmanager.document import Alert
from gridmask.collectors.keys import LONGEST, key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.errors import GridmaskError
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import PROBE, Probe

if TYPE_CHECKING:
    from gridmask.collectors.alertmanager.settings import Receiver
    from gridmask.domain.element import TypeRegistry

MOST_SUMMARY = 500


@dataclass(frozen=True, slots=True)
class Notified:
    """What a notification says. ``passed_over``: how many alerts are of a severity that means nothing here."""

    observations: Observations
    passed_over: int


class _PassedOver(Exception):
    """An alert's severity means nothing here."""


def read(listed: Sequence[msgspec.Raw], receiver: Receiver, types: TypeRegistry, now: datetime) -> Notified:
    """What the ``listed`` alerts say, each by itself, when they came ``now``."""
    found: list[Evidence | Problem] = []
    passed_over = 0
    for number, raw in enumerate(listed):
        try:
            found.append(_evidence(msgspec.json.decode(raw, type=Alert), receiver, types, now))
        except _PassedOver:
            passed_over += 1
        except (msgspec.DecodeError, msgspec.ValidationError, GridmaskError, ValueError) as error:
            found.append(Problem(f"alerts[{number}]: {error}"))
    return Notified(Observations.of(found), passed_over)


def _evidence(alert: Alert, receiver: Receiver, types: TypeRegistry, now: datetime) -> Evidence:
    if not alert.name:
        raise ValueError("has no label 'alertname'")
    firing = receiver.result(alert.labels)
    if firing is None:
        raise _PassedOver
    try:
        about, vo = receiver.about(alert.labels, types), receiver.vo(alert.labels)
    except ValueError as error:
        raise ValueError(f"{alert.name} {error}") from error
    if any(len(part) > LONGEST or "\0" in part for part in (*about, alert.name)):
        raise ValueError(f"{alert.name[:50]!r}: a name in it is longer than {LONGEST} characters, or no text")
    summary = f"resolved: {alert.summary}" if alert.is_over and alert.summary else alert.summary
    key = key_of(receiver.name, about, alert.name, alert.identity, vo=vo)
    value = Probe(alert.name, "OK" if alert.is_over else firing, summary[:MOST_SUMMARY])
    return Evidence(key, PROBE, value, _since(alert, now), now + receiver.valid_for, vo)


def _since(alert: Alert, now: datetime) -> datetime:
    """When ``alert`` began to be as it is told.

    By that, what is delivered late can be told from news: an alert is over after it began, and begins again later than that.
    """
    moments = list(_aware(alert))
    return min(max(moments), now)


def _aware(alert: Alert) -> Iterator[datetime]:
    for moment in (alert.starts_at, alert.ends_at if alert.is_over else None):
        if moment is not None:
            if moment.tzinfo is None:
                raise ValueError(f"{alert.name}: its times have no time zone")
            yield _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)
