"""Hindsight: what each VO was served at a past moment, beside what it should have been by what became known since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from anyio import to_thread
from immutables import Map

from gridmask.domain.errors import InvalidConfiguration, InvalidRequest, NotKnownThen
from gridmask.domain.hindsight import Hindsight, Whose, compared, informed
from gridmask.domain.state import State, group, with_evidence
from gridmask.domain.vo import ALL
from gridmask.policies import files as policy_files
from gridmask.service.past_masks import require_there
from gridmask.store import evidence, past, rulings, sources
from gridmask.store import hindsight as store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.automation import Rulings
    from gridmask.domain.element import ElementKey
    from gridmask.domain.hindsight import Known
    from gridmask.domain.policy import PolicySet
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a look rests on: the world as it stood, without downtimes, and what of these is known when."""

    state: State
    versions: list[Known]
    revision: int
    in_force: str
    unsure: frozenset[ElementKey]


class Hindsights:
    """The use cases around hindsight. They are made one after another: each needs all elements in memory."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos
        self._one_at_a_time = asyncio.Lock()

    async def look(self, vo: str, at: datetime, known: datetime | None = None, by: Whose = Whose.THEN) -> Hindsight:
        """What ``vo`` was served at ``at``, and what it should have been by what was ``known`` when (None: now).

        ``by``: whether the policies judge that were in force then, or those of now.

        Raises:
            NotKnown: there never was such a VO, or not then; or nothing is known of then.
            InvalidRequest: a moment is still to come, or knowledge is older than the moment; or the policies of then cannot
                be had any more.
        """
        now = self._inspector.clock()
        at, known = at.astimezone(UTC), (known or now).astimezone(UTC)
        _check(at, known, now)
        name = await self._vos.resolve_ever(vo)
        async with self._one_at_a_time:
            async with self._inspector.database.reading() as connection:
                ground = await self._ground(connection, name, at, known, by)
            return await to_thread.run_sync(_looked, name, at, known, ground)

    async def _ground(self, connection: AsyncConnection, vo: str, at: datetime, known: datetime, by: Whose) -> _Ground:
        scene = await _scene(connection, vo, at)
        until = await store.bound(connection, scene.revision, at)
        in_force = await store.in_force(connection, until, at)
        policies = self._inspector.policies if by is Whose.NOW else await self._policies(connection, in_force, at)
        vos = {ALL, vo}
        stood = await store.rows(connection, vos, until)
        suspected = store.silent(one.row.verdicts for one in stood)
        silent = await store.still_silent(connection, vos, until, known, suspected)
        # what judged then, kept what it rested on; what judges now may ask for more
        measured = await evidence.standing(connection, at) if by is Whose.NOW else []
        present = Map({holding.element.key: holding.element for holding in scene.holdings})
        state = State(
            policies=policies,
            types=await self._inspector.types(connection),
            vos=frozenset(vos - {ALL}),
            elements=present,
            rows=group(one.row for one in stood if one.row.key.element in present),
            rulings=_of_then(await rulings.load(connection), at),
            evidence=with_evidence(Map(), (*measured, *store.measured(stood))),
            coverage=store.covering(await sources.coverage(connection), at, silent),
        )
        return _Ground(state, await store.announced(connection, at, known), scene.revision, in_force or "", scene.edited)

    async def _policies(self, connection: AsyncConnection, revision: str | None, at: datetime) -> PolicySet:
        """The policies of ``revision``, which were in force at ``at``."""
        if revision == self._inspector.policies.revision:
            return self._inspector.policies
        document = await store.policies(connection, revision) if revision else None
        if document is None:
            raise InvalidRequest(f"Which policies were in force at {at:%FT%TZ} is not kept. Ask what those of now would say.")
        place = f"the policies in force at {at:%FT%TZ} ({revision:.12})"
        try:
            return await to_thread.run_sync(policy_files.compiled, document, dict.fromkeys(document, place))
        except InvalidConfiguration as error:
            raise InvalidRequest(f"{error}. They cannot judge any more; ask what the policies of now would say.") from error


def _check(at: datetime, known: datetime, now: datetime) -> None:
    for moment in (at, known):
        if moment > now:
            raise InvalidRequest(f"{moment:%FT%TZ} is still to come; it is {now:%FT%TZ} now. Ask for a moment that has passed.")
    if known < at:
        raise InvalidRequest(
            f"What was known at {known:%FT%TZ} says nothing of {at:%FT%TZ}, which was still to come. Name a later moment."
        )


async def _scene(connection: AsyncConnection, vo: str, at: datetime) -> past.Scene:
    """What there was at ``at``. History from elsewhere tells nothing of why, so it cannot be judged again."""
    ours = await past.terms(connection, ALL)
    if ours is None or ours[0] > at:
        raise NotKnownThen("VO", vo, at, f"what was decided is known since {ours[0]:%FT%TZ}" if ours else "nothing is yet")
    await require_there(connection, vo, at)
    scene = await past.scene(connection, await past.revision_at(connection, at))
    return replace(scene, edited=scene.assumed) if await past.left_since(connection, vo, at) else scene


def _of_then(known: Map[ElementKey, Rulings], at: datetime) -> Map[ElementKey, Rulings]:
    """Those rulings that had been made at ``at``; of others before them, nothing is kept."""
    made = {key: {vo: ruling for vo, ruling in by_vo.items() if ruling.at <= at} for key, by_vo in known.items()}
    return Map({key: by_vo for key, by_vo in made.items() if by_vo})


def _looked(vo: str, at: datetime, known: datetime, ground: _Ground) -> Hindsight:
    after = informed(ground.state, ground.versions, at, known)
    rows = compared(vo, ground.state, after, ground.versions, at=at, known=known, in_force=ground.in_force)
    return Hindsight(vo, at, known, ground.revision, after.policies.revision, rows, ground.unsure)
