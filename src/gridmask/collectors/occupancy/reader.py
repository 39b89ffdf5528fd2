"""Reads files of occupancy, each of which tells of one element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.occupancy.options import OccupancyOptions
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SPACE, Space
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.element import TypeRegistry
    from gridmask.source import Source


class _Occupancy(msgspec.Struct, frozen=True, rename="pascal"):
    """Sizes in bytes."""

    total: float
    free: float


async def gather(asking: Asking) -> Gathered:
    """All files, in the order of the settings.

    Raises:
        SourceError: one of them could not be read.
    """
    base = asking.source.url.rstrip("/")
    return Gathered.of(
        await asking.get_all(f"{base}/{file.path.lstrip('/')}" for file in OccupancyOptions.of(asking.source).file)
    )


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the files say.

    Raises:
        MalformedAnswer: none of them is a file of occupancy.
    """
    options = OccupancyOptions.of(source)
    observations = Observations.of(_found(answer, options, source, types))
    if not observations.evidence:
        raise MalformedAnswer(source.name, f"has no file of occupancy: {observations.problems[0]}")
    return observations


def _found(answer: Gathered, options: OccupancyOptions, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    now = answer.provenance.fetched_at
    for body, file in zip(answer.bodies, options.file, strict=True):
        try:
            space = _space(body)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
            yield Problem(f"{file.path}: {error}")
            continue
        key = key_of(source.name, options.named(file.element, types), SPACE, file.element, vo=file.vo)
        yield Evidence(key, SPACE, space, now, now + source.valid_for, file.vo)


def _space(body: bytes) -> Space:
    said = msgspec.json.decode(body, type=_Occupancy, strict=False)
    space = Space(said.total, max(said.free, 0))
    if space.flaw or not space.total:
        raise ValueError(space.flaw or "its total is 0, which is none that is known")
    return space
