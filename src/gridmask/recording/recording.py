"""Recordings: how everything stood at a moment, and what happened after it, with the policies that were judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from gridmask.domain.policy import PolicySet
from gridmask.domain.state import State
from gridmask.domain.vo import ALL
from gridmask.recording.events import Policies, PoliciesLoaded, Told, VosChanged
from gridmask.recording.forms import Key
from gridmask.recording.happening import Happening
from gridmask.recording.world import Surroundings, World

Document = dict[str, Any]
"""What policies are made of: the tables of each layer."""

Compile = Callable[[Document], PolicySet]
"""Makes policies of their document."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """That something happened, as it is written down. See :class:`~gridmask.recording.happening.Happening`."""

    at: datetime
    told: Told
    action: str = ""
    revision: int | None = None
    surroundings: Surroundings | None = None
    forgotten: tuple[Key, ...] = ()

    def happening(self, policies: Policies) -> Happening:
        """What it is the form of."""
        around = self.surroundings.circumstances() if self.surroundings else None
        gone = tuple(key.key() for key in self.forgotten)
        return Happening(self.at, self.told.event(policies), self.action, self.revision, around, gone)


@dataclass(frozen=True, slots=True)
class Recording:
    """What happened from ``world`` on, up to ``until``.

    Attributes:
        world: how everything stood at first.
        lines: what happened, in its order; it can be gone through any number of times, and need not be held in memory.
        documents: by revision, the policies that any of it refers to, as far as they are kept.
        until: up to when nothing else happened.
        since: from when on it is asked for; None: from ``world`` on.
        lived: whether what happened was decided about as it came, and noted in ``lines``. A history that was put together
            afterwards was not.
    """

    world: World
    lines: Iterable[Line]
    documents: Mapping[str, Document]
    until: datetime
    since: datetime | None = None
    lived: bool = True

    def opened(self, compile_: Compile) -> Opened:
        """It as values of the domain."""
        policies = Compiled(self.documents, compile_)
        return Opened(self.world.state(policies), self, policies)


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording as values of the domain: the ``state`` at first, and what happened to it."""

    state: State
    recording: Recording
    policies: Policies

    def happenings(self, until: datetime | None = None) -> Iterator[Happening]:
        """What happened, up to ``until``."""
        for line in self.recording.lines:
            if until is None or line.at <= until:
                yield line.happening(self.policies)


class Compiled:
    """Gives the policies of each revision, made of their documents."""

    def __init__(self, documents: Mapping[str, Document], compile_: Compile) -> None:
        self._documents = documents
        self._compile = compile_
        self._made: dict[str, PolicySet] = {}

    def __call__(self, revision: str) -> PolicySet:
        """The policies of ``revision``; none at all, where they are not kept."""
        if revision not in self._made:
            document = self._documents.get(revision)
            self._made[revision] = PolicySet(revision=revision) if document is None else self._compile(document)
        return self._made[revision]


def revisions(world: World, happened: Iterable[Told]) -> frozenset[str]:
    """The revisions of policies that are referred to."""
    loaded = [one for one in happened if isinstance(one, PoliciesLoaded)]
    return frozenset({world.policies, *(one.revision for one in loaded), *(one.before for one in loaded if one.before)})


def vos(recording: Recording) -> frozenset[str]:
    """The VOs that there ever were in ``recording``, and ``all``."""
    found = {ALL, *recording.world.surroundings.vos}
    for line in recording.lines:
        if line.surroundings is not None:
            found |= line.surroundings.vos
        if isinstance(line.told, VosChanged):
            found |= line.told.added
    return frozenset(found)
