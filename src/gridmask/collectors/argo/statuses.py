"""Reads the statuses of a report: of each endpoint the last, as a probe, and of each group the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, get_args

import msgspec

from gridmask.collectors.argo.options import ArgoStatus
from gridmask.collectors.decoding import expecting
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import PROBE, Probe, ProbeResult
from gridmask.domain.naming import HostedService, Target

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

DOWNTIME = "DOWNTIME"


class _Status(msgspec.Struct, frozen=True):
    timestamp: datetime
    value: str


class _Endpoint(msgspec.Struct, frozen=True):
    hostname: str
    service: str
    statuses: tuple[_Status, ...] = ()


class _Group(msgspec.Struct, frozen=True):
    name: str
    statuses: tuple[_Status, ...] = ()
    endpoints: tuple[msgspec.Raw, ...] = ()


class _Report(msgspec.Struct, frozen=True):
    groups: tuple[msgspec.Raw, ...]


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the report says to be the case at the time of the answer.

    A timeline ends at the last second of its day, with the status of today, which is no observation; so what lies in the future
    is passed over. ``DOWNTIME`` is no result: it says that nothing was concluded.

    Raises:
        MalformedAnswer: it is no report of statuses.
    """
    with expecting("report of statuses by ARGO", source.name):
        report = msgspec.json.decode(answer.bodies[0], type=_Report)
    reading = _Reading(source, answer.provenance.fetched_at)
    return Observations.of(found for raw in report.groups for found in reading.group(raw, types))


OLDEST = timedelta(days=2)
"""ARGO says again at each midnight what still is; whose last status is older is not of now."""


class _Reading:
    """A report that is being read."""

    def __init__(self, source: Source, now: datetime) -> None:
        self._source, self._now, self._options = source, now, ArgoStatus.of(source)

    def group(self, raw: msgspec.Raw, types: TypeRegistry) -> Iterator[Evidence | Problem]:
        try:
            group = msgspec.json.decode(raw, type=_Group)
        except msgspec.ValidationError as error:
            yield Problem(f"a group cannot be read: {error}")
            return
        yield from self._said(group.name, self._options.element(group.name, types), group.statuses)
        for endpoint in group.endpoints:
            yield from self._endpoint(endpoint, group.name)

    def _endpoint(self, raw: msgspec.Raw, group: str) -> Iterator[Evidence | Problem]:
        try:
            endpoint = msgspec.json.decode(raw, type=_Endpoint)
        except msgspec.ValidationError as error:
            yield Problem(f"an endpoint of {group} cannot be read: {error}")
            return
        about = HostedService(endpoint.hostname.lower(), endpoint.service.lower())
        yield from self._said(f"{endpoint.service}@{endpoint.hostname}", about, endpoint.statuses)

    def _said(self, name: str, about: Target, statuses: Sequence[_Status]) -> Iterator[Evidence | Problem]:
        try:
            past = [status for status in statuses if status.timestamp <= self._now]
        except TypeError:
            yield Problem(f"{name}: a time has no time zone")
            return
        if not past:
            return
        last = max(past, key=lambda status: status.timestamp)
        if last.timestamp < self._now - OLDEST:
            yield Problem(
                f"{name}: its last status is of {last.timestamp:%Y-%m-%d}. What is asked for must not be a day of the past"
            )
            return
        value = Probe(self._options.report, _result(last.value), f"{last.value} since {_since(past):%Y-%m-%d %H:%M} UTC")
        key = key_of(self._source.name, about, self._options.report, name)
        yield Evidence(key, PROBE, value, self._now, self._now + self._source.valid_for, self._options.vo)


def _result(value: str) -> ProbeResult:
    known: tuple[ProbeResult, ...] = get_args(ProbeResult)
    return next((result for result in known if result == value.upper()), "MISSING" if value.upper() == DOWNTIME else "UNKNOWN")


def _since(past: Sequence[_Status]) -> datetime:
    """When the last of ``past`` statuses began."""
    ordered = sorted(past, key=lambda status: status.timestamp)
    since = ordered[-1].timestamp
    for status in reversed(ordered):
        if status.value != ordered[-1].value:
            break
        since = status.timestamp
    return since
