"""Alerts that are brought: what Alertmanager tells of, as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from gridmask.collectors.alertmanager import reader
from gridmask.domain.errors import Forbidden, GridmaskError, InvalidRequest, NotKnown
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.rights import Action
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.inspection.keeping import keepable_observations
from gridmask.service.evidence import unheard
from gridmask.store import evidence as store
from gridmask.store import sources
from gridmask.store.world import Scope

if TYPE_CHECKING:
    import msgspec
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.collectors.alertmanager.settings import Receiver
    from gridmask.collectors.observations import Observations
    from gridmask.domain.actor import Actor
    from gridmask.domain.evidence import Evidence
    from gridmask.inspection.inspector import Inspector, Prepare
    from gridmask.service.vos import Vos

log = structlog.get_logger()

MOST_PROBLEMS = 100
"""So many problems are told one by one."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """What came of a notification.

    Attributes:
        revision: the revision that it led to, if any.
        taken: how many alerts were taken in.
        passed_over: how many are of a severity that means nothing here.
        problems: what was not taken in, and why.
        unheard: the records that nothing hears.
    """

    revision: int | None
    taken: int
    passed_over: int
    problems: tuple[str, ...]
    unheard: tuple[str, ...]


class Alerts:
    """The use case of whom Alertmanager tells of alerts."""

    def __init__(self, inspector: Inspector, vos: Vos, receivers: Sequence[Receiver]) -> None:
        self._inspector = inspector
        self._vos = vos
        self._receivers = {receiver.name: receiver for receiver in receivers}

    async def take(self, actor: Actor, name: str, listed: Sequence[msgspec.Raw], left_out: int = 0) -> Alerted:
        """Take in what the receiver ``name`` is told: each alert that can be, whatever is wrong with others.

        Args:
            actor: who tells.
            name: the receiver.
            listed: the alerts.
            left_out: how many more there are, which were not sent.

        Raises:
            NotKnown: there is no such receiver. InvalidRequest: no alert could be taken.
            Forbidden: nor may the actor report about whom they are about.
        """
        receiver = self._receiver(name)
        async with self._inspector.database.reading() as connection:
            types = await self._inspector.types(connection)
        told = reader.read(listed, receiver, types, self._inspector.clock())
        sifted = await self._sifted(actor, keepable_observations(told.observations))
        if listed and not sifted.evidence and not told.passed_over:
            raise sifted.refusal or InvalidRequest(f"{'; '.join(sifted.problems[:5])}. Nothing was taken.")
        problems = (*sifted.problems, *_left_out(left_out))
        outcome = await self._inspector.happen(_plan(actor, name, sifted, problems[:MOST_PROBLEMS]))
        heard = await unheard(self._inspector.database, sifted.evidence)
        if problems:
            log.warning("alerts were not taken in", receiver=name, problems=problems[:5], number=len(problems))
        return Alerted(outcome.revision, len(sifted.evidence), told.passed_over, problems[:MOST_PROBLEMS], heard)

    async def _sifted(self, actor: Actor, told: Observations) -> _Sifted:
        """What of ``told`` the actor may report, about VOs that there are."""
        vos: dict[str, str | GridmaskError] = {}
        for vo in sorted({item.vo for item in told.evidence}):
            try:
                known = await self._vos.resolve(vo)
                actor.require(Action.REPORT_EVIDENCE, known)
                vos[vo] = known
            except (NotKnown, Forbidden) as error:
                vos[vo] = error
        wrong = {vo: error for vo, error in vos.items() if isinstance(error, GridmaskError)}
        evidence = tuple(replace(item, vo=called) for item in told.evidence if isinstance(called := vos[item.vo], str))
        problems = (f"{item.key.record}: {wrong[item.vo]}" for item in told.evidence if item.vo in wrong)
        refusal = next((error for error in wrong.values() if isinstance(error, Forbidden)), None)
        return _Sifted(evidence, (*told.problems, *problems), None if told.problems else refusal)

    def _receiver(self, name: str) -> Receiver:
        if name not in self._receivers:
            raise NotKnown("receiver", name, self._receivers)
        return self._receivers[name]


@dataclass(frozen=True, slots=True)
class _Sifted:
    """What can be taken in, and what not. ``refusal``: why, if it is for want of a right that nothing can."""

    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...]
    refusal: GridmaskError | None


def _plan(actor: Actor, name: str, sifted: _Sifted, problems: tuple[str, ...]) -> Prepare:
    async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
        # that nothing is heard of Alertmanager says nothing: no date from which on it does
        came = sources.Brought(name, sources.ALERTS, len(sifted.evidence), problems=problems)
        await sources.note_brought(connection, came, now)
        if not sifted.evidence:
            return NOTHING
        known = await store.of_source(connection, name)
        for vo in sorted({known[item.key].vo for item in sifted.evidence if item.key in known}):
            actor.require(Action.REPLACE_EVIDENCE, vo)
        scope = Scope.meant_by(item.key.about for item in sifted.evidence)
        concerned = frozenset(item.vo for item in sifted.evidence)
        return Plan(EvidenceChanged(sifted.evidence, actor=actor), scope, "alerts", name, concerned)

    return prepare


def _left_out(number: int) -> tuple[str, ...]:
    return (f"Alertmanager left out {number:,} more alerts, by its max_alerts.",) if number > 0 else ()
