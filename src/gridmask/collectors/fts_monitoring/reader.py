"""Counts transfers by link, from one host to another: about either of them. On a link that is gone, none was attempted.

Of a link that cannot be read, what it may be a part of is not counted at all: several links can be one here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, get_args

import msgspec

from gridmask.collectors.doubts import Doubts
from gridmask.collectors.fts_monitoring.document import Link, links_of
from gridmask.collectors.fts_monitoring.options import FtsMonitoring
from gridmask.collectors.hosts import host_in
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import TRANSFERS, Direction, Transfers
from gridmask.domain.naming import HostedService
from gridmask.domain.vo import ALL, canonical

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


class _Way(NamedTuple):
    """From where to where, and for whom."""

    source: str
    destination: str
    vo: str


class _Ended(NamedTuple):
    """How many transfers did."""

    finished: int = 0
    failed: int = 0


AT_REST = Transfers("source", 0, 0)
"""What is said of a link that is gone, in its own direction and with its own other end."""


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the overviews say.

    Raises:
        MalformedAnswer: one of them is none.
    """
    del types  # it is hosts that are named
    raws = [raw for body in answer.bodies for raw in links_of(body, source.name)]
    return Observations.of(_found(raws, answer, source), rest=AT_REST)


def _found(raws: list[msgspec.Raw], answer: Gathered, source: Source) -> Iterator[Evidence | Problem]:
    options, doubts, ended = FtsMonitoring.of(source), Doubts(), defaultdict[_Way, _Ended](_Ended)
    for number, raw in enumerate(raws):
        try:
            link = msgspec.json.decode(raw, type=Link)
            ways = list(_ways(link, options))
        except (msgspec.ValidationError, InvalidRequest, ValueError) as error:
            doubts.add(*_ends(raw, options), None)
            yield Problem(f"items[{number}]: {error}")
            continue
        for way in ways:
            ended[way] = _Ended(ended[way].finished + link.finished, ended[way].failed + link.failed)
    now = answer.provenance.fetched_at
    for way, count in ended.items():
        if doubts.concern(*way):
            continue
        for direction in get_args(Direction):
            key, value = _told(way, count, direction, source.name, options.service)
            yield Evidence(key, TRANSFERS, value, now, now + source.valid_for, way.vo)


def _ways(link: Link, options: FtsMonitoring) -> Iterator[_Way]:
    """The ways that ``link`` counts for: that of all VOs together, and perhaps that of its own."""
    if link.finished < 0 or link.failed < 0:
        raise ValueError("counts less than nothing")
    source, destination = (_host(name, options) for name in (link.source_se, link.dest_se))
    if options.per_vo:
        yield _Way(source, destination, canonical(link.vo_name))
    yield _Way(source, destination, ALL)


def _ends(raw: msgspec.Raw, options: FtsMonitoring) -> Iterator[str | None]:
    """From where to where a link goes that cannot be read, as far as that can be."""
    try:
        said = msgspec.json.decode(raw, type=dict[str, object])
    except msgspec.ValidationError:
        said = {}
    for storage in (said.get("source_se"), said.get("dest_se")):
        try:
            yield _host(storage, options) if isinstance(storage, str) else None
        except ValueError:
            yield None


def _host(storage: str, options: FtsMonitoring) -> str:
    host = host_in(storage).lower()
    if not host:
        raise ValueError(f"{storage[:100]!r} names no host")
    return options.names.get(host, host).lower()


def _told(way: _Way, ended: _Ended, direction: Direction, source: str, service: str) -> tuple[EvidenceKey, Transfers]:
    host, other = (way.source, way.destination) if direction == "source" else (way.destination, way.source)
    value = Transfers(direction, ended.finished + ended.failed, ended.failed, other)
    return key_of(source, HostedService(host, service.lower()), direction, other, vo=way.vo), value
