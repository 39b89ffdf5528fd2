"""Reads how many jobs there are. Of an element that has none any more, the number of all is nought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.diracx_jobs.options import DiracXJobs
from gridmask.collectors.doubts import Doubts
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import JOBS, Jobs

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

STATUSES = frozenset(field.name for field in fields(Jobs))

NOWHERE = frozenset({"", "ANY", "Multiple", "None"})
"""What DIRAC calls the site of jobs that have none yet."""


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the summaries say of each element.

    Raises:
        MalformedAnswer: one of them is no summary.
    """
    groups = [group for body in answer.bodies for group in _groups(body, source.name)]
    return Observations.of(_found(groups, answer, source, types), rest=Jobs())


def _groups(body: bytes, source: str) -> list[dict[str, Any]]:
    with expecting("summary of jobs by DiracX", source):
        return msgspec.json.decode(body, type=list[dict[str, Any]])


def _found(groups: list[dict[str, Any]], answer: Gathered, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options, counted, doubts = DiracXJobs.of(source), defaultdict[str, Counter[str]](Counter), Doubts()
    for number, group in enumerate(groups):
        status, name, count = (group.get(key) for key in ("Status", options.parameter, "count"))
        named = isinstance(name, str | None) and options.parameter in group
        if not named or not isinstance(status, str) or type(count) is not int or count < 0:
            yield Problem(f"group {number}: has no Status, {options.parameter} and count that could be")
            doubts.add((name or "") if named else None)
        elif status.lower() in STATUSES and (name or "") not in NOWHERE:
            counted[str(name)][status.lower()] += count
    now = answer.provenance.fetched_at
    for name, jobs in counted.items():
        if doubts.concern(name):
            continue
        key = key_of(source.name, options.element(name, types), JOBS, name, vo=options.vo)
        yield Evidence(key, JOBS, Jobs(**jobs), now, now + source.valid_for, options.vo)
