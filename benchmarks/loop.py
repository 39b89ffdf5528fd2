"""The loop against a real store: from a source's new answer to the bytes of the new mask, and how that grows.

The baseline inserts as many rows into a table of the same database with plain SQL, in one transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks.evaluation import FEED, HOUR, NOON, announcement, elements
from gridmask.bootstrap import Installation, installation
from gridmask.clock import fixed_clock
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, Interval
from gridmask.domain.events import DowntimesChanged, Event, InventoryChanged
from gridmask.domain.evidence import DOWNTIME, Coverage
from gridmask.domain.instructions import SaveRow
from gridmask.domain.matching import Match
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.rules import Always
from gridmask.settings import Settings
from gridmask.source import Source
from gridmask.store.database import EPHEMERAL
from gridmask.store.world import EVERYTHING, Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

VO = "vo"


@dataclass(frozen=True, slots=True)
class Latency:
    """``seconds`` of wall time for what the loop does about ``rows`` rows; the baseline wrote as many in ``baseline``."""

    what: str
    rows: int
    seconds: float
    baseline: float


async def measure(rows: int, database: str = EPHEMERAL) -> list[Latency]:
    """All figures for so many rows."""
    feed = Source(name=FEED, kind="osg-downtimes", url="file:///nowhere")
    settings = Settings(database=database, source=(feed,), vo={VO: {}})
    async with installation(settings, clock=fixed_clock(NOON)) as made:
        one, another = elements(rows)[rows // 2 + 1 : rows // 2 + 3]
        key = DowntimeKey(FEED, "one more")
        late = Downtime(key, frozenset({one.key}), Interval(NOON - HOUR, NOON + HOUR), "Outage")
        coverage = Coverage(FEED, DOWNTIME, NOON, NOON + 6 * HOUR)
        steps: list[tuple[str, Event, Scope]] = [
            ("a new inventory", InventoryChanged("inventory", elements(rows)), Scope.of(e.key for e in elements(rows))),
            ("the first downtimes", announcement(rows), EVERYTHING),
            ("one more downtime", DowntimesChanged(FEED, Difference((late,)), coverage=coverage), Scope.meant_by(late.targets)),
        ]
        baseline = await _timed(lambda: _plain(made, rows))
        took = [(what, await _timed(lambda: _to_mask(made, event, scope))) for what, event, scope in steps]  # noqa: B023
        took.append(("one more policy", await _timed(lambda: _adopt(made, another.key.name))))
        took.append(("a sweep without news", await _timed(lambda: made.inspector.sweep(settings.loop.batch))))
        return [Latency(what, rows, seconds, baseline) for what, seconds in took]


async def _to_mask(made: Installation, event: Event, scope: Scope) -> None:
    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(event, scope, "benchmark")

    outcome = await made.inspector.happen(prepare)
    served = await made.masks.serve(VO)
    assert served.revision == outcome.revision


async def _adopt(made: Installation, name: str) -> None:
    """Put one more policy into force, that is about the element called ``name``."""
    known = made.inspector.policies
    more = Policy("one more", Always(Status.BANNED), Match.of(name=name))
    other = PolicySet((*known.policies, more), "one more", known.probing, known.guard, known.damping)
    outcome = await made.inspector.adopt(other, {})
    assert [change.after.key.element.name for change in outcome.changed if isinstance(change, SaveRow)] == [name]


async def _plain(made: Installation, rows: int) -> None:
    async with made.database.writing() as (connection, _):
        await connection.execute(text("CREATE TABLE plain (name VARCHAR(255) PRIMARY KEY, status SMALLINT, reason TEXT)"))
        insert = text("INSERT INTO plain VALUES (:name, 4, 'No downtime is announced for now.')")
        for start in range(0, rows, 1000):
            await connection.execute(insert, [{"name": f"ce{number}"} for number in range(start, min(start + 1000, rows))])


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = perf_counter()
    await work()
    return perf_counter() - started
