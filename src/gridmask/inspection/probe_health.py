"""How probes fare: what is noted with their sources, so that their silence, and our own trouble, are seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from gridmask.inspection import wellbeing
from gridmask.store import sources

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.probes.making import Made
    from gridmask.probes.schedule import Key
    from gridmask.probes.seen import Seen

log = structlog.get_logger()

BETWEEN_NOTES = 5.0
"""Seconds after which how a probe fares is noted again, though nothing about it is new."""

MOST_PROBLEMS = 20
"""So many different problems of a probe are told."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Results that are taken in together, and why others of the same time are not."""

    seen: tuple[Seen, ...]
    held: tuple[Seen, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Aims:
    """At what a probe looks: at so many targets in ``all``, of which so many are ``mine``, this process's.

    ``speaks``: whether it is this process that says how it fares.
    """

    all: int = 0
    mine: int = 0
    speaks: bool = True


@dataclass(slots=True)
class _Health:
    """How a probe fares. ``troubled``: the targets of which nothing is known now for a reason of ours; why, in words."""

    aims: Aims = Aims()
    problems: tuple[str, ...] = ()
    failure: str = ""
    troubled: dict[Key, str] = field(default_factory=dict)
    noted: float = float("-inf")
    told: tuple[object, ...] = ()

    @property
    def all_problems(self) -> tuple[str, ...]:
        """Why some elements are not probed, or could not be."""
        return (*self.problems, *list(dict.fromkeys(self.troubled.values()))[:MOST_PROBLEMS])

    @property
    def state(self) -> tuple[object, ...]:
        """What others are told of it."""
        return self.aims, self.all_problems, self.failure

    def is_due(self, *, answered: bool) -> bool:
        """Whether it is to be noted again."""
        return self.told != self.state or (answered and monotonic() - self.noted >= BETWEEN_NOTES)


class Healths:
    """How each of some probes fares."""

    def __init__(self, probes: Mapping[str, Made]) -> None:
        self._probes = probes
        self._of = {name: _Health() for name in probes}

    def problems_of(self, name: str) -> tuple[str, ...]:
        """Why some elements are not probed, or could not be."""
        return self._of[name].all_problems

    def planned(self, name: str, aims: Aims, problems: tuple[str, ...]) -> None:
        """At what the probe called ``name`` looks; ``problems``: why at nothing else, or for nobody."""
        self._of[name].aims, self._of[name].problems = aims, problems

    def forget(self, gone: Collection[Key]) -> None:
        """Those are not looked at any more."""
        for key in gone:
            self._of[key.probe].troubled.pop(key, None)

    def judge(self, batch: Batch) -> None:
        """Take in how the probes of ``batch`` went; trouble that is new is logged."""
        before = {name: health.failure for name, health in self._of.items()}
        for one in batch.seen:
            self._judge(one)
        for one in batch.held:
            self._of[one.probe.name].failure = f"its failures are not believed: {batch.why}"
        for name, failure in self._failures():
            self._of[name].failure = failure
            if failure != before[name]:
                log.warning("results of a probe do not count", probe=name, problem=failure)

    def due(self, answered: Collection[str]) -> set[str]:
        """The probes of which something is to be noted; ``answered``: those that found something."""
        return {name for name, health in self._of.items() if health.is_due(answered=name in answered)}

    async def note(self, connection: AsyncConnection, name: str, now: datetime, *, answered: bool) -> None:
        """Note with its source how the probe called ``name`` fares."""
        health, settings = self._of[name], self._probes[name].settings
        said: dict[str, object] = {"records": health.aims.all, "problems": health.all_problems} if health.aims.speaks else {}
        if answered:
            said |= {"attempted_at": now, "answered_at": now, "valid_until": now + settings.periods * settings.every}
        if not health.aims.speaks:
            pass  # what fails here alone is in the log; of several who say it, one would take back what another said
        elif health.failure:
            await sources.note_failure(connection, name, now, health.failure)
            await wellbeing.tell_unwell(connection, name, health.failure, now)
        elif answered:
            said |= {"failure": None, "failures": 0, "failing_since": None}
            await wellbeing.tell_well(connection, name, now)
        if said:
            await sources.note(connection, name, **said)

    def noted(self, names: Collection[str]) -> None:
        """That was done."""
        for name in names:
            self._of[name].noted, self._of[name].told = monotonic(), self._of[name].state

    def _judge(self, one: Seen) -> None:
        health = self._of[one.probe.name]
        health.failure = ""
        if one.finding.result == "UNKNOWN":
            health.troubled[one.key] = f"{one.target.element.name} could not be probed: {one.finding.summary}."
        else:
            health.troubled.pop(one.key, None)

    def _failures(self) -> Iterator[tuple[str, str]]:
        """The probes of which nothing can be known, and why."""
        for name, health in self._of.items():
            if health.aims.mine and len(health.troubled) >= health.aims.mine:
                yield name, next(iter(health.troubled.values()))
            elif health.failure:
                yield name, health.failure
