"""The kind of source ``load-csv``: lines of host, load, and when it was measured."""

from __future__ import annotations

import csv
from datetime import datetime

from gridmask.collectors.observations import Observations
from gridmask.domain.element import TypeRegistry
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import METRIC, Metric
from gridmask.domain.naming import HostedService
from gridmask.http import Gathered
from gridmask.kinds import MeasurementKind
from gridmask.source import Source


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the file says. A line that cannot be read spoils no other; but then, what is not there may just be unreadable."""
    del types  # for kinds that tell of elements
    found, problems = [], []
    for number, line in enumerate(csv.reader(answer.bodies[0].decode().splitlines()), 1):
        try:
            found.append(_evidence(line, source))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    return Observations(tuple(found), conclusive=not problems, problems=tuple(problems))


def _evidence(line: list[str], source: Source) -> Evidence:
    host, load, measured_at = (part.strip() for part in line)
    observed_at = datetime.fromisoformat(measured_at)
    if observed_at.tzinfo is None:
        raise ValueError("the time needs a time zone, as in 2026-08-21T17:00:00Z")
    key = EvidenceKey(source.name, f"load/{host}", HostedService(host.lower(), ""))
    return Evidence(key, METRIC, Metric("load", float(load)), observed_at, observed_at + source.valid_for)


LOAD_CSV = MeasurementKind(read)
