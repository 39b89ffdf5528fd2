"""Reads the results of a report: availability and reliability of each group by day, as series of shares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.argo.options import ArgoResults
from gridmask.collectors.decoding import expecting
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SERIES, Point, Series

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

NAMES = ("availability", "reliability")


class _Day(msgspec.Struct, frozen=True):
    date: str
    availability: str | float = ""
    reliability: str | float = ""


class _Group(msgspec.Struct, frozen=True):
    name: str
    results: tuple[_Day, ...] = ()


class _Super(msgspec.Struct, frozen=True):
    groups: tuple[msgspec.Raw, ...] = ()


class _Report(msgspec.Struct, frozen=True):
    results: tuple[_Super, ...]


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the report says of each day, as shares from 0 to 1.

    Days of which it says -1 or ``unknown``, and days to come, have no point; a series without any says nothing.

    Raises:
        MalformedAnswer: it is no report of results.
    """
    with expecting("report of results by ARGO", source.name):
        report = msgspec.json.decode(answer.bodies[0], type=_Report)
    groups = (raw for above in report.results for raw in above.groups)
    now = answer.provenance.fetched_at
    return Observations.of(found for raw in groups for found in _found(raw, source, types, now))


def _found(raw: msgspec.Raw, source: Source, types: TypeRegistry, now: datetime) -> Iterator[Evidence | Problem]:
    options = ArgoResults.of(source)
    try:
        group = msgspec.json.decode(raw, type=_Group)
        series = [Series(name, tuple(_points(group, name, now))) for name in NAMES]
    except (msgspec.ValidationError, ValueError) as error:
        yield Problem(f"a group cannot be read: {error}")
        return
    for one in filter(lambda one: one.points, series):
        key = key_of(source.name, options.element(group.name, types), one.name, group.name)
        yield Evidence(key, SERIES, one, now, now + source.valid_for, options.vo)


def _points(group: _Group, name: str, now: datetime) -> Iterator[Point]:
    for day in group.results:
        said, at = str(getattr(day, name)).strip(), datetime.strptime(day.date, "%Y-%m-%d").replace(tzinfo=UTC)
        if said and said.casefold() != "unknown" and (number := float(said)) >= 0 and isfinite(number) and at <= now:
            yield Point(at, number / 100)
