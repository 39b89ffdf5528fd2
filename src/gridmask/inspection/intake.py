"""Intake: from a source's answer to what it changes in the world, and to how the source fares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from anyio import to_thread
from prometheus_client import Counter, Gauge

from gridmask import tracing
from gridmask.collectors.observations import Observations
from gridmask.domain.actor import AUTOMATION
from gridmask.domain.errors import GridmaskError, Quarantined, StoreError
from gridmask.domain.evidence import DOWNTIME
from gridmask.http import Gathered, NotModified, Validators
from gridmask.inspection.dating import check_date
from gridmask.inspection.fetching import Fetched, fault_of, fetch
from gridmask.inspection.isolation import acceptable, held_of, restored
from gridmask.inspection.keeping import Published, keepable
from gridmask.inspection.plans import (
    Report,
    Times,
    plan_downtimes,
    plan_inventory,
    plan_measurements,
    plan_renewal,
)
from gridmask.inspection.wellbeing import Came, Word, isolate, note_answer, note_failure
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import Reconciliation
from gridmask.plugins import kind_of
from gridmask.store import elements, quarantine, sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Client
    from gridmask.inspection.inspector import Inspector, Plan
    from gridmask.source import Source
    from gridmask.store.quarantine import HeldAnswer

log = structlog.get_logger()

MOST_PROBLEMS = 100
"""So many flaws of one answer are told; the rest is counted."""

ATTEMPTS = Counter("gridmask_source_attempts_total", "Attempts to read a source, by how they went.", ["source", "outcome"])
LAST_GOOD = Gauge("gridmask_source_last_good_timestamp_seconds", "When a source last gave a usable answer.", ["source"])


class Intake:
    """Reads sources. A failure of one is noted with it, and changes nothing else."""

    def __init__(self, inspector: Inspector, client: Client, precedence: Sequence[str] = ()) -> None:
        """``precedence``: the sources in the order in which they have the say of what several of them list."""
        self._inspector = inspector
        self._client = client
        self._precedence = precedence
        self._validators: dict[str, Validators] = {}
        self._seen: dict[str, int] = {}

    async def collect(self, source: Source, *, force: bool = False, by: Actor = AUTOMATION) -> Report:
        """Read ``source`` and take in what it says. ``force``: even if that is too much to be believed unseen, says ``by``."""
        with tracing.step("read source", {"gridmask.source": source.name}):
            known = None if force else await self._known(source)
            return await self.take(await fetch(self._client, source, known, self._inspector.clock()), force=force, by=by)

    async def take(self, fetched: Fetched, *, force: bool = False, by: Actor = AUTOMATION) -> Report:
        """Take in what was ``fetched``. ``force``: even if that is too much to be believed unseen, says ``by``."""
        source = fetched.source
        with tracing.step("intake", {"gridmask.source": source.name}) as taking:
            report = await self._safely_taken(fetched, Word(by, "answer forced", "") if force else None)
            if report.failure:
                taking.fail("quarantined" if report.upheaval else "failed")
        _tell(report, fetched.attempted)
        return report

    async def _safely_taken(self, fetched: Fetched, word: Word | None) -> Report:
        try:
            return await self._taken(fetched, word)
        except StoreError:
            raise  # of our own database the source knows nothing
        except Quarantined as refused:
            return await self._isolated(fetched, refused)
        except GridmaskError as error:
            return await self._failed(fetched, str(error))
        except Exception as fault:  # noqa: BLE001 - it is logged whole, and the other sources go on
            return await self._failed(fetched, fault_of(fetched.source, fault))

    async def accept(self, source: Source, sha256: str, word: Word) -> Report:
        """Take in what of ``source`` is in quarantine, which begins with this hash, by a person's ``word``: as any answer is.

        Raises:
            Conflict: something else is there, or nothing; or what is there counts no more. GridmaskError: it cannot be read.
        """
        async with self._inspector.database.reading() as connection:
            held = await acceptable(connection, source, sha256, self._inspector.clock())
            kept = await quarantine.body(connection, source.name)
        answer = await to_thread.run_sync(restored, held, kept)
        report = await self._take_in(source, answer, word, held)
        self._remember(source, report, answer.provenance.validators)
        log.info("an answer in quarantine was accepted", source=source.name, actor=word.actor.name, sha256=held.sha256)
        return report

    async def _known(self, source: Source) -> Validators | None:
        """By what ``source`` recognises what it said last; None: it is to say it again."""
        # the first answer is always read: what it means may depend on settings that changed since
        known = self._validators.get(source.name)
        if known is None:
            return None
        async with self._inspector.database.reading() as connection:
            noted = await sources.load(connection, source.name)
            changed = await elements.last_change(connection)
        # another process may have taken in something else since: that this is as before would say nothing then; nor would it
        # where what it speaks of has changed
        if changed > self._seen.get(source.name, 0):
            return None
        return known if [(row.etag, row.last_modified) for row in noted] == [(known.etag, known.last_modified)] else None

    async def _taken(self, fetched: Fetched, word: Word | None) -> Report:
        source, answer = fetched.source, fetched.answer
        if answer is None:
            return await self._failed(fetched, fetched.failure or "")
        if isinstance(answer, NotModified):
            return await self._renew(source, answer)
        report = await self._take_in(source, answer, word)
        self._remember(source, report, answer.provenance.validators)
        return report

    def _remember(self, source: Source, report: Report, validators: Validators) -> None:
        """Keep by what ``source`` recognises what it said.

        Only what was accepted may be answered with "not modified" later, and only if nothing in it waits for anything else.
        What an inventory's answer means depends on what the others said: once one of them changed, each is read whole again.
        """
        if isinstance(report.change, Reconciliation) and report.change:
            self._validators.clear()
        if report.problems:
            self._validators.pop(source.name, None)
        else:
            self._validators[source.name] = validators

    async def _take_in(self, source: Source, answer: Gathered, word: Word | None, held: HeldAnswer | None = None) -> Report:
        """Take in an ``answer``, whatever it takes back if there is a ``word`` for it; ``held``: it comes from quarantine."""
        async with self._inspector.database.reading() as connection:
            known_types = await self._inspector.types(connection)
        published = await to_thread.run_sync(_read, answer, source, known_types)
        report, seen = Report(source.name), 0

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal report, seen
            said_at, seen = now, await elements.last_change(connection)
            if held is not None:
                said_at = (await acceptable(connection, source, held.sha256, now)).fetched_at
            elif word is None:
                await self._check_date(connection, source, answer, now)
            plan, report = await self._planned(connection, source, published, Times(now, said_at), force=word is not None)
            report = replace(report, problems=_first(report.problems))
            came = Came(source.name, answer.provenance.fetched_at, answer.provenance.elapsed, word)
            attempted = {} if held else {"attempted_at": now}
            await note_answer(connection, came, {**attempted, **_answered(source, said_at), **_told(answer, report)}, now)
            return plan if held else replace(plan, since=answer.provenance.fetched_at)

        outcome = await self._inspector.happen(prepare)
        self._seen[source.name] = max(seen, outcome.revision or 0)
        return replace(report, revision=outcome.revision, rows=len(outcome.changed))

    async def _planned(
        self, connection: AsyncConnection, source: Source, published: Published, times: Times, *, force: bool
    ) -> tuple[Plan, Report]:
        """What is about to change by what was ``published``."""
        if isinstance(published, Publication):
            resolved = published.resolving(self._inspector.registry.aliases)
            return await plan_inventory(connection, times.now, source, resolved, precedence=self._precedence, force=force)
        if isinstance(published, Observations):
            observed = published.resolving(self._inspector.registry.aliases)
            return await plan_measurements(connection, times.now, source, observed, force=force)
        guard = self._inspector.policies.guard
        return await plan_downtimes(connection, times, source, published, guard, force=force)

    async def _check_date(self, connection: AsyncConnection, source: Source, answer: Gathered, now: datetime) -> None:
        for noted in await sources.load(connection, source.name):
            check_date(source, noted, answer.provenance, now)

    async def _renew(self, source: Source, answer: NotModified) -> Report:
        """What the source said last still stands."""
        known = self._validators[source.name].renewed(answer.validators)

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            came = Came(source.name, answer.fetched_at, answer.elapsed)
            noted = {"attempted_at": now, "etag": known.etag, "last_modified": known.last_modified}
            await note_answer(connection, came, {**noted, **_answered(source, now)}, now)
            return replace(await plan_renewal(connection, now, source), since=answer.fetched_at)

        outcome = await self._inspector.happen(prepare)
        self._validators[source.name] = known
        return Report(source.name, unchanged=True, revision=outcome.revision)

    async def _isolated(self, fetched: Fetched, refused: Quarantined) -> Report:
        """The answer that was ``refused`` is kept."""
        answer = fetched.answer
        assert isinstance(answer, Gathered)  # nothing else changes anything
        body = await to_thread.run_sync(quarantine.packed, answer.bodies)
        held = held_of(fetched.source, answer, refused.upheaval)
        failure = await self._inspector.database.change(
            lambda connection, _: isolate(connection, held, body, fetched.attempted, refused)
        )
        return Report(fetched.source.name, failure=failure, upheaval=refused.upheaval)

    async def _failed(self, fetched: Fetched, failure: str) -> Report:
        name = fetched.source.name
        await self._inspector.database.change(lambda connection, _: note_failure(connection, name, fetched.attempted, failure))
        return Report(name, failure=failure)


def _read(answer: Gathered, source: Source, types: TypeRegistry) -> Published:
    """What an answer says that can be kept."""
    said: Published = kind_of(source).read(answer, source, types)
    return keepable(said)


def _first(problems: tuple[str, ...]) -> tuple[str, ...]:
    """As many of ``problems`` as a person will read, and how many more there are."""
    more = len(problems) - MOST_PROBLEMS
    return (*problems[:MOST_PROBLEMS], f"... and {more:,} more like these.") if more > 0 else problems


def _answered(source: Source, said_at: datetime) -> dict[str, object]:
    """What to note of any answer. Since when evidence of downtimes counts is for the step to say, not for us."""
    evidence = kind_of(source).evidence
    if evidence == DOWNTIME:
        return {}
    return {"answered_at": said_at, **({"valid_until": said_at + source.valid_for} if evidence else {})}


def _told(answer: Gathered, report: Report) -> dict[str, object]:
    """What to note of an answer that says something new."""
    provenance = answer.provenance
    return {
        "problems": report.problems,
        "records": report.records,
        "etag": provenance.validators.etag,
        "last_modified": provenance.validators.last_modified,
        "sha256": provenance.sha256,
        "size": provenance.size,
    }


def _tell(report: Report, attempted: datetime) -> None:
    failed = "quarantined" if report.upheaval else "failed"
    how = failed if report.failure else "unchanged" if report.unchanged else "read"
    ATTEMPTS.labels(report.source, how).inc()
    if report.failure:
        log.warning("source failed", source=report.source, problem=report.failure)
    else:
        LAST_GOOD.labels(report.source).set(attempted.timestamp())
    for problem in report.problems:
        log.warning("source has a flaw", source=report.source, problem=problem)
