"""Counts transfers by link, from one storage element to another, as Rucio's ``/requests/metrics`` tells them.

A link on which nothing ended within the window is at rest, whether it is listed or not: Rucio lists one for each distance that
it knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, get_args
from urllib.parse import urlencode

import msgspec

from gridmask.collectors.dating import afresh, observed_at
from gridmask.collectors.decoding import expecting
from gridmask.collectors.doubts import Doubts
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.rucio.options import RucioTransfers
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import TRANSFERS, Direction, Transfers
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.element import TypeRegistry
    from gridmask.source import Source

PATH = "/requests/metrics"
AT_REST = Transfers("source", 0, 0)
LONGEST_NAME = 100


class _Named(msgspec.Struct, frozen=True):
    """A link; names of storage elements."""

    src_rse: str = ""
    dst_rse: str = ""


class _Files(msgspec.Struct, frozen=True):
    """How many ended within an hour, and within six; what is nought is left out."""

    done_1h: int = msgspec.field(default=0, name="done-total-1h")
    done_6h: int = msgspec.field(default=0, name="done-total-6h")
    failed_1h: int = msgspec.field(default=0, name="failed-total-1h")
    failed_6h: int = msgspec.field(default=0, name="failed-total-6h")


class _Link(_Named, frozen=True):
    files: _Files = _Files()


class _Ended(NamedTuple):
    """How many transfers did."""

    done: int = 0
    failed: int = 0


async def gather(asking: Asking) -> Gathered:
    """The links, all at once or those to each destination by itself; of a file, those that are in it.

    Raises:
        SourceError: one of the questions was not answered.
    """
    if asking.is_document:
        return await afresh(asking)
    options, url = RucioTransfers.of(asking.source), asking.source.url.rstrip("/").removesuffix(PATH)
    asked = [{"dst_rse": name} for name in options.destinations] or [{}]
    activity = {"activity": options.activity} if options.activity else {}
    questions = (urlencode({**one, **activity}) for one in asked)
    return Gathered.of(await asking.get_all(f"{url}{PATH}{'?' if question else ''}{question}" for question in questions))


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the answers say of links, as of when they were read.

    Raises:
        MalformedAnswer: there is no link at all, not even one without transfers; none can be read; or it is cut off.
    """
    lines = [line for body in answer.bodies for line in body.splitlines() if line.strip()]
    if not lines:
        raise MalformedAnswer(source.name, "lists no link at all.")
    with expecting(f"answer of {PATH} by Rucio", source.name):
        links = [_link(line, number) for number, line in enumerate(lines, 1)]
    flaws = [link.why for link in links if isinstance(link, _Spoilt)]
    if len(flaws) == len(links):
        raise MalformedAnswer(source.name, f"is no answer of {PATH} by Rucio: {flaws[0]}")
    return Observations.of(_found(links, answer, source, types), rest=AT_REST)


class _Spoilt(NamedTuple):
    """A link that cannot be read, from where to where as far as that can; why."""

    source: str | None
    destination: str | None
    why: str


def _link(line: bytes, number: int) -> _Link | _Spoilt:
    try:
        link = msgspec.json.decode(line, type=_Link)
        flaw = _flaw(link)
    except msgspec.ValidationError as error:
        link, flaw = _named(line), str(error)
    if not flaw:
        return link
    source, destination = (name if 0 < len(name) <= LONGEST_NAME else None for name in (link.src_rse, link.dst_rse))
    return _Spoilt(source, destination, f"line {number}: {flaw}")


def _named(line: bytes) -> _Link:
    try:
        named = msgspec.json.decode(line, type=_Named)
    except msgspec.ValidationError:
        return _Link()
    return _Link(named.src_rse, named.dst_rse)


def _flaw(link: _Link) -> str:
    if not all(0 < len(name) <= LONGEST_NAME for name in (link.src_rse, link.dst_rse)):
        return "has no src_rse and dst_rse that could be"
    if any(count < 0 for count in msgspec.structs.astuple(link.files)):
        return "counts less than nothing"
    return ""


def _way(link: _Link, options: RucioTransfers) -> tuple[str, str]:
    """From which element to which it is, as they are called here."""
    return options.names.get(link.src_rse, link.src_rse), options.names.get(link.dst_rse, link.dst_rse)


def _ended(files: _Files, options: RucioTransfers) -> _Ended:
    if options.window == "1h":
        return _Ended(files.done_1h, files.failed_1h)
    return _Ended(files.done_6h, files.failed_6h)


def _found(links: list[_Link | _Spoilt], answer: Gathered, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options, doubts, ended = RucioTransfers.of(source), Doubts(), defaultdict[tuple[str, str], _Ended](_Ended)
    yield from _count(links, options, doubts, ended)
    now = observed_at(answer, source, cached=False)
    for (giver, taker), count in ended.items():
        if doubts.concern(giver, taker):
            continue
        for direction in get_args(Direction):
            name, other = (giver, taker) if direction == "source" else (taker, giver)
            value = Transfers(direction, count.done + count.failed, count.failed, other)
            key = key_of(source.name, options.named(name, types), direction, other, vo=options.vo)
            yield Evidence(key, TRANSFERS, value, now, now + source.valid_for, options.vo)


def _count(
    links: list[_Link | _Spoilt], options: RucioTransfers, doubts: Doubts, ended: dict[tuple[str, str], _Ended]
) -> Iterator[Problem]:
    """Add up what has ``ended`` on each way, and tell what cannot be read, which leaves ways in doubt."""
    told = dict.fromkeys(links)  # what is told twice counts once
    ways = Counter((link.src_rse, link.dst_rse) for link in told if isinstance(link, _Link))
    for link in told:
        if isinstance(link, _Spoilt):
            doubts.add(*(name and options.names.get(name, name) for name in link[:2]))
            yield Problem(link.why)
        elif ways[link.src_rse, link.dst_rse] > 1:
            doubts.add(*_way(link, options))
            yield Problem(f"{link.src_rse} to {link.dst_rse}: is listed twice, and they do not agree")
        elif any(count := _ended(link.files, options)):
            way = _way(link, options)
            ended[way] = _Ended(ended[way].done + count.done, ended[way].failed + count.failed)
