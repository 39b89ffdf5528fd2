"""Probes: what is looked at, what was found there last, and looking now."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.errors import NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.inspection.probing import Probing
    from gridmask.probes.making import Made
    from gridmask.probes.seen import Seen
    from gridmask.probes.target import Target

AT_ONCE = 50
"""So many hosts are looked at together; at each of them, one target after the other."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A target, and what was found there last, as far as that is kept."""

    probe: Made
    target: Target
    last: Evidence | None = None

    @property
    def next_at(self) -> datetime | None:
        """Before when it is not looked at again; None if it never was."""
        return self.last.observed_at + self.probe.settings.every if self.last else None


@dataclass(frozen=True, slots=True)
class Listed:
    """A probe, its targets, and why some elements are none."""

    probe: Made
    targets: tuple[Watched, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """What was found at all targets of a probe; of these, what was not believed, and why. ``revision``: what it led to."""

    seen: tuple[Seen, ...]
    held: tuple[Seen, ...] = ()
    why: str = ""
    revision: int | None = None


class Probes:
    """The use cases around probes."""

    def __init__(self, probing: Probing) -> None:
        self._probing = probing

    async def listed(self, names: Sequence[str] = ()) -> list[Listed]:
        """The probes called ``names`` (none: all), with their targets.

        Raises:
            NotKnown: there is no such probe.
        """
        probes = self._probing.named(names)
        await self._probing.look()
        last = await self._probing.last()
        watched: dict[str, list[Watched]] = defaultdict(list)
        for key, (probe, target) in self._probing.targets.items():
            watched[probe.name].append(Watched(probe, target, last.get(key)))
        return [Listed(probe, tuple(watched[probe.name]), self._probing.problems_of(probe)) for probe in probes]

    async def run(self, actor: Actor, name: str, element: str = "", *, record: bool = False) -> Round:
        """Make the probe called ``name`` now, at ``element`` or everywhere. ``record``: and take in what it finds.

        Raises:
            NotKnown: there is no such probe, or it has no such element. Forbidden.
        """
        actor.require(Action.READ_SOURCES, ALL)
        [listed] = await self.listed([name])
        targets = [one.target for one in listed.targets if element in {"", one.target.element.name}]
        if element and not targets:
            raise NotKnown("target", element, {one.target.element.name for one in listed.targets})
        seen = await self._made(listed.probe, targets)
        if not record:
            return Round(seen)
        batch = await self._probing.believed(seen)
        outcome = await self._probing.take(batch)
        return Round(seen, batch.held, batch.why, outcome.revision if outcome else None)

    async def _made(self, probe: Made, targets: Sequence[Target]) -> tuple[Seen, ...]:
        by_host: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            by_host[target.host].append(target)
        places = asyncio.Semaphore(AT_ONCE)

        async def at_one(some: list[Target]) -> list[Seen]:
            async with places:
                return [await self._probing.made(probe, target) for target in some]

        found = await asyncio.gather(*map(at_one, by_host.values()))
        by_target = {one.target: one for some in found for one in some}
        return tuple(by_target[target] for target in targets)
