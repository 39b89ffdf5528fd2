"""Intake: from a source's answer to what it changes in the world, and to how the source fares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from anyio import to_thread
from prometheus_client import Counter, Gauge

from gridmask.collectors.observations import Observations
from gridmask.domain.downtime import Announcement
from gridmask.domain.errors import GridmaskError, StoreError
from gridmask.domain.evidence import DOWNTIME
from gridmask.http import Gathered, NotModified, Validators
from gridmask.inspection.fetching import Fetched, fault_of, fetch
from gridmask.inspection.plans import (
    Report,
    plan_downtimes,
    plan_inventory,
    plan_measurements,
    plan_renewal,
)
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import Reconciliation
from gridmask.plugins import kind_of
from gridmask.store import sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.http import Client
    from gridmask.inspection.inspector import Inspector, Plan
    from gridmask.source import Source

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

    async def collect(self, source: Source, *, force: bool = False) -> Report:
        """Read ``source`` and take in what it says. ``force``: even if that removes more than its share."""
        # the first answer is always read: what it means may depend on settings that changed since
        known = None if force else self._validators.get(source.name)
        return await self.take(await fetch(self._client, source, known, self._inspector.clock()), force=force)

    async def take(self, fetched: Fetched, *, force: bool = False) -> Report:
        """Take in what was ``fetched``. ``force``: even if that removes more than its source may."""
        source = fetched.source
        try:
            report = await self._taken(fetched, force=force)
        except StoreError:
            raise  # of our own database the source knows nothing
        except GridmaskError as error:
            report = Report(source.name, failure=str(error))
        except Exception as fault:  # noqa: BLE001 - it is logged whole, and the other sources go on
            report = Report(source.name, failure=fault_of(source, fault))
        if report.failure is not None:
            await self._note_failure(source, fetched.attempted, report.failure)
        _tell(report, fetched.attempted)
        return report

    async def _taken(self, fetched: Fetched, *, force: bool) -> Report:
        source, answer = fetched.source, fetched.answer
        if answer is None:
            return Report(source.name, failure=fetched.failure)
        if isinstance(answer, NotModified):
            return await self._renew(source, answer)
        report = await self._take_in(source, answer, force=force)
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

    async def _take_in(self, source: Source, answer: Gathered, *, force: bool) -> Report:
        async with self._inspector.database.reading() as connection:
            known_types = await self._inspector.types(connection)
        kind = kind_of(source)
        published: Publication | Announcement | Observations = await to_thread.run_sync(kind.read, answer, source, known_types)
        report = Report(source.name)

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal report
            if isinstance(published, Publication):
                resolved = published.resolving(self._inspector.registry.aliases)
                plan, report = await plan_inventory(connection, now, source, resolved, precedence=self._precedence, force=force)
            elif isinstance(published, Observations):
                plan, report = await plan_measurements(connection, now, source, published, force=force)
            else:
                guard = self._inspector.policies.guard
                plan, report = await plan_downtimes(connection, now, source, published, guard, force=force)
            report = replace(report, problems=_first(report.problems))
            await sources.note(connection, source.name, **_answered(source, now), **_told(answer, report))
            return plan

        outcome = await self._inspector.happen(prepare)
        return replace(report, revision=outcome.revision, rows=len(outcome.changed))

    async def _renew(self, source: Source, answer: NotModified) -> Report:
        """What the source said last still stands."""

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            await sources.note(connection, source.name, **_answered(source, now))
            return await plan_renewal(connection, now, source)

        outcome = await self._inspector.happen(prepare)
        self._validators[source.name] = self._validators[source.name].renewed(answer.validators)
        return Report(source.name, unchanged=True, revision=outcome.revision)

    async def _note_failure(self, source: Source, attempted: datetime, failure: str) -> None:
        await self._inspector.database.change(
            lambda connection, _: sources.note_failure(connection, source.name, attempted, failure)
        )


def _first(problems: tuple[str, ...]) -> tuple[str, ...]:
    """As many of ``problems`` as a person will read, and how many more there are."""
    more = len(problems) - MOST_PROBLEMS
    return (*problems[:MOST_PROBLEMS], f"... and {more:,} more like these.") if more > 0 else problems


def _answered(source: Source, now: datetime) -> dict[str, object]:
    """What to note of any answer. Since when evidence counts is for the step to say, not for us."""
    noted: dict[str, object] = {"attempted_at": now, "failures": 0, "failure": None}
    evidence = kind_of(source).evidence
    if evidence == DOWNTIME:
        return noted
    return {**noted, "answered_at": now, **({"valid_until": now + source.valid_for} if evidence else {})}


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
    how = "failed" if report.failure else "unchanged" if report.unchanged else "read"
    ATTEMPTS.labels(report.source, how).inc()
    if report.failure:
        log.warning("source failed", source=report.source, problem=report.failure)
    else:
        LAST_GOOD.labels(report.source).set(attempted.timestamp())
    for problem in report.problems:
        log.warning("source has a flaw", source=report.source, problem=problem)
