"""Reads what Prometheus answers.

A series that is gone, or whose value is no number, is missing: nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.prometheus.options import PrometheusOptions, QueryTable
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import METRIC, PROBE, Measurement, Metric, Probe
from gridmask.domain.naming import handle

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


class _Sample(msgspec.Struct, frozen=True):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    result_type: str
    result: msgspec.Raw


class _Answer(msgspec.Struct, frozen=True):
    status: str
    data: _Data | None = None
    error: str = ""
    warnings: tuple[str, ...] = ()


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the answers to all queries of ``source`` say.

    Raises:
        MalformedAnswer: one of them is none, is an error, or is no vector.
    """
    options = PrometheusOptions.of(source)
    pairs = zip(answer.bodies, options.query, strict=True)
    return Observations.of(found for body, query in pairs for found in _found(body, query, options, source, types))


def _found(
    body: bytes, query: QueryTable, options: PrometheusOptions, source: Source, types: TypeRegistry
) -> Iterator[Evidence | Problem]:
    warnings, samples = _samples(body, f"{source.name}: query {query.name}")
    yield from (Problem(f"query {query.name}: Prometheus warns: {warning[:300]}") for warning in warnings)
    if warnings and query.is_sum:
        return  # a part for the whole
    for sample in samples:
        try:
            yield _evidence(sample, query, options, source, types)
        except (ValueError, OverflowError, OSError) as error:
            yield Problem(f"query {query.name}: {_written(sample.metric)} {error}")


def _samples(body: bytes, place: str) -> tuple[tuple[str, ...], list[_Sample]]:
    with expecting("answer of Prometheus", place):
        said = msgspec.json.decode(body, type=_Answer)
        if said.status != "success" or said.data is None:
            raise MalformedAnswer(place, f"Prometheus says: {said.error[:300] or said.status[:50]}.")
        if said.data.result_type != "vector":
            raise MalformedAnswer(place, f"gives a {said.data.result_type[:50]}; an instant vector is wanted.")
        return said.warnings, msgspec.json.decode(said.data.result, type=list[_Sample])


def _evidence(sample: _Sample, query: QueryTable, options: PrometheusOptions, source: Source, types: TypeRegistry) -> Evidence:
    about, vo = options.about(sample.metric, types), options.vo(sample.metric)
    value, since = _value(sample.value[1], query), datetime.fromtimestamp(sample.value[0], UTC)
    key = key_of(source.name, about, query.name, handle(about), vo=vo)
    kind = PROBE if isinstance(value, Probe) else METRIC
    return Evidence(key, kind, value, since, since + source.valid_for, vo)


def _value(text: str, query: QueryTable) -> Measurement:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"is no number ({text})")
    if query.gives == "metric":
        return Metric(query.name, number, query.unit)
    if number not in {0, 1}:
        raise ValueError(f"is {text}; a probe is 1 or 0. Write a comparison with `bool`, such as `x > bool 5`")
    return Probe(query.name, "OK" if number else "CRITICAL", f"{query.expr} is {text}")


def _written(labels: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value[:80]!r}" for name, value in sorted(labels.items())[:8]) + "}"
