"""Trials: what policies that nobody put into force would make of a VO's rows, and what tests say of them. Nothing is written.

The world is read at one moment, the step is taken, and what it says is thrown away: nobody waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import InvalidConfiguration, LayerRefused
from gridmask.domain.events import PoliciesLoaded
from gridmask.domain.instructions import SaveBatch
from gridmask.domain.mask import Absence, entry
from gridmask.domain.policy_changes import PolicyChange
from gridmask.domain.rights import Action
from gridmask.domain.row import Row, seen_by
from gridmask.domain.state import NO_ROWS
from gridmask.domain.vo import ALL
from gridmask.inspection import succession
from gridmask.inspection.inspector import taken
from gridmask.policies.testing import reading, running
from gridmask.policies.testing.outcome import Outcome
from gridmask.policies.testing.patience import Patience
from gridmask.service.policy_layers import document_in_force, drafted, layer_text, require_vo
from gridmask.service.what_if import Would
from gridmask.store import world

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.element import ElementKey, TypeRegistry
    from gridmask.domain.guard import Batch
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.state import State
    from gridmask.inspection.inspector import Inspector
    from gridmask.policies.files import Draft
    from gridmask.policies.testing.script import Script
    from gridmask.service.offers import Reads
    from gridmask.service.vos import Vos
    from gridmask.settings import Settings

MOST_STEPS = 20_000
"""So many moments may come due in all tests that are run at once, while others wait."""

MOST_SECONDS = 5.0
"""So long may all of them take."""

MOST_TESTS = 200
"""So many tests are run at once."""

PASTED = "your tests"
"""What tests are called that lie in no file."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What other policies of ``vo`` would make of what it reads.

    Attributes:
        vo: whose policies they are.
        at: the moment at which they were tried.
        judged: of how many elements rows were judged anew.
        would: the rows that would read another status, or be held by the guard, as the VO reads them.
        batches: what the guard would hold of it for a person to decide.
        otherwise: how many rows would keep their status for other reasons.
    """

    vo: str
    at: datetime
    judged: int
    would: tuple[Would, ...]
    batches: tuple[Batch, ...]
    otherwise: int


class PolicyTrials:
    """The use cases around policies that are not in force.

    They are tried one after another, since each trial needs much in memory; and so are tests run, for which others wait no
    longer than :data:`MOST_SECONDS` each. ``clock`` tells seconds that pass.
    """

    def __init__(
        self, inspector: Inspector, registry: Vos, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._inspector = inspector
        self._vos = registry
        self._directory = settings.policies
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._tests_one_at_a_time = asyncio.Lock()

    async def what_if(self, actor: Actor, name: str, text: str) -> Tried:
        """What would be, were ``text`` the layer of the VO called ``name``.

        Raises:
            Forbidden. NotKnown: there is no such VO. Conflict: it stands for everyone. LayerRefused: something is wrong in it.
            InvalidRequest: the text is too long.
        """
        vo = await self._vos.resolve(name)
        actor.require(Action.CHECK_POLICIES, vo)
        async with self._one_at_a_time, self._inspector.database.reading() as connection:
            draft = await draft_of(connection, vo, text)
            now = self._inspector.clock()
            types = await self._inspector.types(connection)
            before = await succession.predecessor(connection, self._inspector.policies)
            scope = await succession.scope(connection, PolicyChange(before, draft.policies), types)
            state = await world.load(connection, scope, draft.policies, types, now)
            after, told = await taken(connection, state, PoliciesLoaded(draft.policies, before=before), now)
        held = (one.batch for one in told if isinstance(one, SaveBatch))
        batches = tuple(held_for(vo, held, partial(actor.may, Action.READ)))
        judged = len(state.elements) if scope.elements is None else len(scope.elements)
        return await to_thread.run_sync(_compared, Tried(vo, now, judged, (), batches, 0), state, after)

    async def test(self, actor: Actor, name: str, text: str, tests: str = "") -> list[Outcome]:
        """What the tests beside the policies of the installation, and those that ``tests`` says, come to with ``text``.

        Of the installation's, those that are about ``all`` or the VO, and about nobody of whom the actor may not read. Where
        there are too many, or they take too long, the last outcome says how many were not run, and why.

        Raises:
            Forbidden. NotKnown, Conflict, LayerRefused, InvalidRequest: as above.
        """
        vo = await self._vos.resolve(name)
        actor.require(Action.CHECK_POLICIES, vo)
        wanted = layer_text(vo, tests, PASTED)
        async with self._tests_one_at_a_time:
            async with self._inspector.database.reading() as connection:
                draft = await draft_of(connection, vo, text)
                types = await self._inspector.types(connection)
            everyone = (await self._vos.registry()).names
            readable = frozenset(vo for vo in (ALL, *everyone) if actor.may(Action.READ, vo)) | {ALL}
            running_ = _Running(draft.policies, types, self._directory, vo, readable)
            patience = Patience(MOST_STEPS, MOST_SECONDS, self._clock)
            return await to_thread.run_sync(lambda: list(running_.outcomes(wanted.text, patience)))


async def draft_of(connection: AsyncConnection, vo: str, text: str) -> Draft:
    """What the policies in force amount to with ``text`` as the layer of ``vo``.

    Raises:
        Conflict: it stands for everyone. LayerRefused: something is wrong in it. InvalidRequest: the text is too long.
    """
    require_vo(vo)
    told = layer_text(vo, text)
    document = await document_in_force(connection)
    draft = await to_thread.run_sync(drafted, document, told)
    if draft.problems:
        raise LayerRefused(vo, ((p.file, p.line, p.key, p.text) for p in draft.problems))
    return draft


def held_for(vo: str, batches: Iterable[Batch], reads: Reads) -> Iterator[Batch]:
    """Those of ``batches`` that concern ``vo``, each with the VOs alone about which whoever asks may read."""
    for batch in batches:
        if vo in batch.vos:
            yield replace(batch, vos=frozenset(one for one in batch.vos if one == ALL or reads(one)))


def _compared(trial: Tried, before: State, after: State) -> Tried:
    """``trial`` with how what its VO reads differs between ``before`` and ``after``."""
    would: list[Would] = []
    otherwise = 0
    for key in after.elements:
        if before.rows.get(key, NO_ROWS) is not after.rows.get(key, NO_ROWS) and _is_shown(after, key, trial.vo):
            for was, becomes in _pairs(before, after, key, trial.vo):
                held = becomes.hold is not None and (was is None or was.hold != becomes.hold)
                if held or was is None or was.status is not becomes.status:
                    ends = was is not None and was.key.vo != ALL and becomes.key.vo == ALL
                    would.append(Would(was, becomes, held=held, ends=ends))
                else:
                    otherwise += was.reasons != becomes.reasons
    ordered = tuple(sorted(would, key=lambda one: one.key))
    return Tried(trial.vo, trial.at, trial.judged, ordered, trial.batches, otherwise)


def _is_shown(state: State, key: ElementKey, vo: str) -> bool:
    holding = state.holding(key)
    return holding is not None and not isinstance(entry(holding, vo), Absence)


def _pairs(before: State, after: State, key: ElementKey, vo: str) -> Iterator[tuple[Row | None, Row]]:
    """The rows of an element as ``vo`` reads them, before and after."""
    old, new = before.rows.get(key, NO_ROWS), after.rows.get(key, NO_ROWS)
    for status_type in sorted({status_type for status_type, _ in new}):
        becomes = seen_by(vo, status_type, new)
        if becomes is not None:
            yield seen_by(vo, status_type, old), becomes


@dataclass(frozen=True, slots=True)
class _Running:
    """Where tests are run, for who writes the policies of ``vo`` and may read of those ``readable``."""

    policies: PolicySet
    types: TypeRegistry
    directory: Path | None
    vo: str
    readable: Collection[str]

    def outcomes(self, pasted: str, patience: Patience) -> Iterator[Outcome]:
        done, left_out = 0, 0
        for script in self._scripts(pasted):
            if isinstance(script, Outcome):
                yield script
            elif done == MOST_TESTS or patience.lost:
                left_out += 1
            else:
                done += 1
                yield running.outcome(script, self.policies, patience)
        if left_out:
            why = f"taken together, {patience.lost}" if patience.lost else f"only {MOST_TESTS} tests are run at once"
            yield Outcome(PASTED, None, f"{left_out:,} more test{'' if left_out == 1 else 's'}", broken=f"not run: {why}")

    def _scripts(self, pasted: str) -> Iterator[Script | Outcome]:
        try:
            yield from reading.told(pasted, PASTED, self.types).scripts
        except InvalidConfiguration as error:
            yield Outcome(PASTED, _line(error), "cannot be run", broken=str(error))
        for file in running.found([self.directory]) if self.directory else ():
            yield from self._of_file(file)

    def _of_file(self, file: Path) -> Iterator[Script | Outcome]:
        """Those that are about these policies, and not about others that lie beside them."""
        assert self.directory is not None
        try:
            tests = reading.read(file, self.types)
            about = (tests.policies or running.nearest(file)).resolve()
        except InvalidConfiguration:
            # whoever keeps the file is told by `gridmask policy test`; here it may not even be theirs to read
            return
        if about == self.directory.resolve():
            yield from filter(self._concerns, tests.scripts)

    def _concerns(self, script: Script) -> bool:
        about = {expected.row.vo for moment in script.moments for expected in moment.expected}
        return about <= {*self.readable} and not about.isdisjoint({self.vo, ALL})


def _line(error: InvalidConfiguration) -> int | None:
    """Where in the text that is wrong, if ``error`` tells."""
    line = error.place.rpartition(":")[2]
    return int(line) if line.isdigit() else None
