"""Reads who excluded which queue: of those who have a say, the first in the order of their precedence decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.collectors.cric.computing import QUEUE
from gridmask.collectors.dating import observed_at
from gridmask.collectors.decoding import expecting
from gridmask.collectors.hammercloud.options import HammerCloudOptions
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import PROBE, Probe

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

PRECEDENCE = ("manual", "switcher", "hammercloud")
"""Who has a say before whom, where the document does not tell: people before programs."""

LONGEST_REASON = 500


class _Word(msgspec.Struct, frozen=True):
    """What one of them says: since when is a date without a zone, in UTC."""

    value: str
    reason: str | None = ""
    since: str | None = ""


class _Row(msgspec.Struct, frozen=True):
    panda_queue: str
    probes: dict[str, _Word | None]
    precedence: tuple[str, ...] = PRECEDENCE
    default: str = "ONLINE"


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What is said of each queue: in a row, a list of rows, or rows by queue.

    Raises:
        MalformedAnswer: it is none of these.
    """
    known = types if QUEUE.name in types.by_name else types.with_types(QUEUE)
    rows = _rows(answer.bodies[0], source.name)
    now = observed_at(answer, source, cached=HammerCloudOptions.of(source).cached)
    return Observations.of(_said(number, raw, source, known, now) for number, raw in enumerate(rows))


def _rows(body: bytes, source: str) -> list[Any]:
    with expecting("document of exclusions", source):
        said = msgspec.json.decode(body, type=dict[str, Any] | list[Any])
    if isinstance(said, list):
        return said
    return [said] if "panda_queue" in said else list(said.values())


def _said(number: int, raw: Any, source: Source, types: TypeRegistry, now: datetime) -> Evidence | Problem:  # noqa: ANN401
    options = HammerCloudOptions.of(source)
    try:
        row = msgspec.convert(raw, _Row)
    except msgspec.ValidationError as error:
        return Problem(f"row {number}: {error}")
    if not 0 < len(row.panda_queue) <= 200 or not row.panda_queue.isprintable():
        return Problem(f"row {number}: its queue has no name that could be kept")
    who, word = next(_in_order(row), ("", _Word(row.default)))
    value = Probe(options.metric, options.result(word.value), _summary(who, word))
    key = key_of(source.name, options.element(row.panda_queue, types), options.metric, row.panda_queue)
    return Evidence(key, PROBE, value, now, now + source.valid_for, options.vo)


def _in_order(row: _Row) -> Iterator[tuple[str, _Word]]:
    """Who says something, by precedence; who has no place in it comes after all others."""
    ranks = {who: rank for rank, who in enumerate(row.precedence)}
    for who in sorted(row.probes, key=lambda who: (ranks.get(who, len(ranks)), who)):
        if word := row.probes[who]:
            yield who, word


def _summary(who: str, word: _Word) -> str:
    since = f" since {word.since}" if word.since else ""
    reason = f": {' '.join((word.reason or '').split())[:LONGEST_REASON]}" if word.reason else ""
    said = f"{word.value} by {who}{since}{reason}" if who else f"{word.value}, as nobody excludes it"
    return "".join(character for character in said if character.isprintable())
