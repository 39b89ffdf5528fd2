"""Reads what a server said of its spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridmask.collectors.dating import observed_at
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.xrootd_space.options import XrootdSpace
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SPACE, Space

if TYPE_CHECKING:
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

_NUMBER = r"(-?\d{1,30})"
_ANSWER = re.compile(
    rf"oss\.cgroup=[^&]*&oss\.space={_NUMBER}&oss\.free={_NUMBER}&oss\.maxf={_NUMBER}&oss\.used={_NUMBER}&oss\.quota={_NUMBER}",
    re.ASCII,
)


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the answers say.

    Raises:
        MalformedAnswer: none of them tells of space.
    """
    observations = Observations.of(_found(answer, source, types))
    if not observations.evidence:
        raise MalformedAnswer(source.name, f"tells of no space: {observations.problems[0]}")
    return observations


def _found(answer: Gathered, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options, now = XrootdSpace.of(source), observed_at(answer, source, cached=False)
    said = dict(line.partition("\t")[::2] for line in answer.bodies[0].decode("utf-8", "replace").split("\n"))
    for space in options.space:
        question = space.asked(source.url)
        try:
            value = space_of(said.get(question, ""))
        except ValueError as error:
            yield Problem(f"{question}: {error}")
        else:
            key = key_of(source.name, options.named(space.element, types), SPACE, space.element, vo=space.vo)
            yield Evidence(key, SPACE, value, now, now + source.valid_for, space.vo)


def space_of(said: str) -> Space:
    """How much there is, and how much may come: within the quota, where there is one.

    A ``total`` of nought is what servers tell of spaces that they do not know. More may be used than there should be: then the
    rest is less than nothing, and nothing may come.

    Raises:
        ValueError: it does not tell.
    """
    if not (found := _ANSWER.fullmatch(said)):
        raise ValueError(f"the answer is none about space: {said[:200]!r}")
    total, free, _, used, quota = map(int, found.groups())
    if total <= 0:
        raise ValueError("the server knows of no such space")
    if free < 0 and used < total:
        raise ValueError(f"{free:,} bytes are free, though only {used:,} of {total:,} are used")
    if quota > 0 and used >= 0:
        total, free = min(total, quota), min(free, quota - used)
    return Space(total, max(free, 0))
