"""Intake: from a source's answer to what it changes in the world, and to how the source fares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from anyio import to_thread
from prometheus_client import Counter, Gauge

from gridmask.domain.downtime import Announcement
from gridmask.domain.errors import GridmaskError, StoreError
from gridmask.http import Gathered, NotModified, Validators
from gridmask.inspection.plans import Report, plan_downtimes, plan_inventory, plan_renewal
from gridmask.inventory.publication import Publication
from gridmask.plugins import kind_of
from gridmask.store import sources

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.http import Client
    from gridmask.inspection.inspector import Inspector, Plan
    from gridmask.settings import Source

log = structlog.get_logger()

MOST_PROBLEMS = 100
"""So many flaws of one answer are told; the rest is counted."""

ATTEMPTS = Counter("gridmask_source_attempts_total", "Attempts to read a source, by how they went.", ["source", "outcome"])
LAST_GOOD = Gauge("gridmask_source_last_good_timestamp_seconds", "When a source last gave a usable answer.", ["source"])


class Intake:
    """Reads sources. A failure of one is noted with it, and changes nothing else."""

    def __init__(self, inspector: Inspector, client: Client) -> None:
        self._inspector = inspector
        self._client = client
        self._validators: dict[str, Validators] = {}

    async def collect(self, source: Source, *, force: bool = False) -> Report:
        """Read ``source`` and take in what it says. ``force``: even if that removes more than its share."""
        attempted = self._inspector.clock()
        try:
            report = await self._read(source, force=force)
        except StoreError:
            raise  # of our own database the source knows nothing
        except GridmaskError as error:
            report = await self._failed(source, attempted, str(error))
        except Exception as fault:
            log.exception("reading a source met a fault of our own", source=source.name)
            problem = f"{source.name}: its answer met a fault in Gridmask itself ({type(fault).__name__}); please report it."
            report = await self._failed(source, attempted, problem)
        _tell(report, attempted)
        return report

    async def _read(self, source: Source, *, force: bool) -> Report:
        # the first answer is always read: what it means may depend on settings that changed since
        known = None if force else self._validators.get(source.name)
        answer = await kind_of(source).gather(self._client, source, known, self._inspector.clock())
        if isinstance(answer, NotModified):
            return await self._renew(source, answer)
        report = await self._take_in(source, answer, force=force)
        # only what was accepted may be answered with "not modified" later, and only if nothing in it waits for anything else:
        # what is left to another source, say, is to be taken in as soon as that one gives it up
        if report.problems:
            self._validators.pop(source.name, None)
        else:
            self._validators[source.name] = answer.provenance.validators
        return report

    async def _take_in(self, source: Source, answer: Gathered, *, force: bool) -> Report:
        async with self._inspector.database.reading() as connection:
            known_types = await self._inspector.types(connection)
        kind = kind_of(source)
        published: Publication | Announcement = await to_thread.run_sync(kind.read, answer.bodies, source, known_types)
        report = Report(source.name)

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal report
            if isinstance(published, Publication):
                resolved = published.resolving(self._inspector.registry.aliases)
                plan, report = await plan_inventory(connection, now, source, resolved, force=force)
            else:
                plan, report = await plan_downtimes(connection, now, source, published, force=force)
            report = replace(report, problems=_first(report.problems))
            await sources.note(connection, source.name, **_answered(source, now), **_told(answer, report))
            return plan

        outcome = await self._inspector.happen(prepare)
        return replace(report, revision=outcome.revision)

    async def _renew(self, source: Source, answer: NotModified) -> Report:
        """What the source said last still stands."""

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            await sources.note(connection, source.name, **_answered(source, now))
            return await plan_renewal(connection, now, source)

        outcome = await self._inspector.happen(prepare)
        self._validators[source.name] = self._validators[source.name].renewed(answer.validators)
        return Report(source.name, unchanged=True, revision=outcome.revision)

    async def _failed(self, source: Source, attempted: datetime, failure: str) -> Report:
        await self._inspector.database.change(
            lambda connection, _: sources.note_failure(connection, source.name, attempted, failure)
        )
        return Report(source.name, failure=failure)


def _first(problems: tuple[str, ...]) -> tuple[str, ...]:
    """As many of ``problems`` as a person will read, and how many more there are."""
    more = len(problems) - MOST_PROBLEMS
    return (*problems[:MOST_PROBLEMS], f"... and {more:,} more like these.") if more > 0 else problems


def _answered(source: Source, now: datetime) -> dict[str, object]:
    """What to note of any answer. Since when evidence counts is for the step to say, not for us."""
    noted: dict[str, object] = {"attempted_at": now, "failures": 0, "failure": None}
    return noted if kind_of(source).evidence else {**noted, "answered_at": now}


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
