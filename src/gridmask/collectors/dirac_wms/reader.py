"""Reads what DIRAC's services count. Of an element that is not counted any more, the number of all is nought."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gridmask.collectors.dating import observed_at
from gridmask.collectors.dirac_wms.asking import PILOTS_ENDED, SERVICE
from gridmask.collectors.dirac_wms.options import DiracWms
from gridmask.collectors.diracx_jobs.reader import NOWHERE, STATUSES
from gridmask.collectors.doubts import Doubts
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.dirac_calls import value_of
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import JOBS, PILOTS, Jobs, Pilots

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

UNKNOWN = NOWHERE | {"Unknown", "NotAssigned", "Total"}
"""What DIRAC calls the place of what has none, and of all together."""


class _Count(NamedTuple):
    """So many jobs or pilots are in a status at the place called ``name``."""

    name: str
    status: str
    number: int


@dataclass(frozen=True, slots=True)
class _Spoilt(Problem):
    """A count that cannot be, at the place called ``name``; None: that cannot be read either."""

    name: str | None = None


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the answers count.

    Raises:
        MalformedAnswer: one of them is no answer of the method that the settings name.
        FetchFailed: it is a refusal.
    """
    options = DiracWms.of(source)
    values = [value_of(body, source.name, SERVICE) for body in answer.bodies]
    found = [one for value in values for one in _counts(value, options, source.name)]
    jobs = options.method in ("getCounters", "getSiteSummaryWeb")
    return Observations.of(_said(found, answer, source, types, jobs=jobs), rest=Jobs() if jobs else Pilots(0, 0))


def _counts(value: Any, options: DiracWms, source: str) -> Iterator[_Count | _Spoilt]:  # noqa: ANN401 - whatever it is
    if options.method == "getSiteSummaryWeb":
        yield from _of_table(value, options.called.attribute, source)
    elif options.method == "getPilotSummary":
        yield from _of_summary(value, source)
    elif isinstance(value, list):
        yield from (_of_pair(pair, number, options.called.attribute) for number, pair in enumerate(value))
    else:
        raise MalformedAnswer(source, f"{options.method} does not answer with a list of counts.")


def _of_pair(pair: Any, number: int, attribute: str) -> _Count | _Spoilt:  # noqa: ANN401
    """Of counters, each is the attributes and the number."""
    match pair:
        case [dict() as attributes, count]:
            return _count(attributes.get(attribute, ...), attributes.get("Status"), count, f"count {number}")
    return _Spoilt(f"count {number}: is not attributes and a number")


def _of_table(value: Any, attribute: str, source: str) -> Iterator[_Count | _Spoilt]:  # noqa: ANN401
    """A table has the names of its columns, and its rows apart."""
    match value:
        case {"ParameterNames": [*columns], "Records": [*rows]} if attribute in columns:
            if not rows:
                raise MalformedAnswer(source, "lists no site at all, which DIRAC does when its database fails, too.")
            for number, row in enumerate(rows):
                yield from _of_row(row, columns, attribute, f"record {number}")
        case _:
            raise MalformedAnswer(source, f"is no table with a column {attribute}.")


def _of_row(row: Any, columns: Sequence[Any], attribute: str, place: str) -> Iterator[_Count | _Spoilt]:  # noqa: ANN401
    if not isinstance(row, list) or len(row) != len(columns):
        yield _Spoilt(f"{place}: has not as many fields as there are columns")
        return
    told = dict(zip(map(str, columns), row, strict=True))
    name = told.get(attribute)
    # "Status" of a site is its verdict, and no status of jobs
    yield from (_count(name, status, told[status], place) for status in told if status.lower() in STATUSES)


def _of_summary(value: Any, source: str) -> Iterator[_Count | _Spoilt]:  # noqa: ANN401
    """A summary has the numbers by status by name."""
    if not isinstance(value, dict):
        raise MalformedAnswer(source, "getPilotSummary does not answer with counts by name.")
    for name, counts in value.items():
        if isinstance(counts, dict):
            yield from (
                _count(name, status, counts[status], f"summary of {name[:80]}") for status in PILOTS_ENDED if status in counts
            )
        else:
            yield _Spoilt(f"summary of {name[:80]}: is no counts by status", name=name)


def _count(name: Any, status: Any, number: Any, place: str) -> _Count | _Spoilt:  # noqa: ANN401
    named = isinstance(name, str | None)
    if not named or not isinstance(status, str) or type(number) is not int or number < 0 or len(name or "") > 200:
        return _Spoilt(f"{place}: has no name, status and number that could be", name=(name or "") if named else None)
    return _Count(name or "", status, number)


def _said(
    found: Sequence[_Count | _Spoilt], answer: Gathered, source: Source, types: TypeRegistry, *, jobs: bool
) -> Iterator[Evidence | Problem]:
    options, counted, doubts = DiracWms.of(source), defaultdict[str, Counter[str]](Counter), Doubts()
    for one in found:
        if isinstance(one, _Spoilt):
            doubts.add(one.name)
            yield one
        elif one.name not in UNKNOWN and (one.status.lower() in STATUSES if jobs else one.status in PILOTS_ENDED):
            counted[one.name][one.status.lower()] += one.number
    now, kind = observed_at(answer, source, cached=False), JOBS if jobs else PILOTS
    type_ = types.get(options.called.type)
    for name, counts in counted.items():
        if doubts.concern(name):
            continue
        about = ElementKey(type_.family, type_.name, options.names.get(name, name))
        value = Jobs(**counts) if jobs else Pilots(counts.total(), counts["aborted"])
        yield Evidence(
            key_of(source.name, about, kind, name, vo=options.vo), kind, value, now, now + source.valid_for, options.vo
        )
