"""Reads how much space storage elements have: lines of JSON, several for each, of which one kind counts."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.rucio.options import RucioOptions
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SPACE, Space

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source


class _Usage(msgspec.Struct, frozen=True):
    """Sizes in bytes. ``updated_at`` as in an e-mail, and in UTC."""

    rse: str
    source: str
    updated_at: str
    total: float | None = None
    free: float | None = None


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the answers say of the space of storage elements, since Rucio was told.

    Raises:
        MalformedAnswer: none of it is as Rucio says it, or none is of the size that counts.
    """
    lines = [line for body in answer.bodies for line in body.splitlines() if line.strip()]
    observations = Observations.of(_found(lines, source, types))
    if not observations.evidence:
        nothing = f"there is no line of the size {RucioOptions.of(source).size!r}"
        told = next(iter(observations.problems), nothing)
        raise MalformedAnswer(source.name, f"is no usage of storage elements by Rucio: {told}")
    return observations


def _found(lines: list[bytes], source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options = RucioOptions.of(source)
    for number, line in enumerate(lines, 1):
        try:
            usage = msgspec.json.decode(line, type=_Usage)
            if usage.source == options.size and not (usage.total and usage.free is not None):
                # that is no size of nought, by which it would be full
                yield Problem(f"{usage.rse}: its size is not known, and nothing is said of it", left_out=False)
            elif usage.source == options.size:
                yield _evidence(usage, options, source, types)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            yield Problem(f"line {number}: {error}")


def _evidence(usage: _Usage, options: RucioOptions, source: Source, types: TypeRegistry) -> Evidence:
    space = Space(usage.total or 0, usage.free or 0)
    if space.flaw:
        raise ValueError(f"{usage.rse}: {space.flaw}")
    since = parsedate_to_datetime(usage.updated_at)
    if since.tzinfo is None:
        raise ValueError(f"{usage.rse}: {usage.updated_at!r} has no time zone")
    key = key_of(source.name, options.element(usage.rse, types), SPACE, usage.rse, vo=options.vo)
    return Evidence(key, SPACE, space, since, since + source.valid_for, options.vo)
