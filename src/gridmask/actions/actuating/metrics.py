"""What actuators count."""

from __future__ import annotations

from collections import Counter as Tally
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

from gridmask.actions.actuating.values import STATES

if TYPE_CHECKING:
    from gridmask.actions.actuating.memory import Memory

WRITES = Counter("gridmask_actuator_writes_total", "What actuators wrote, by how that went.", ["actuator", "outcome"])
DRIFT = Gauge("gridmask_actuator_drift", "Things that are not what the mask says, by why that is so.", ["actuator", "state"])
THINGS = Gauge("gridmask_actuator_things", "Things of the other system about which the mask says something.", ["actuator"])
READ = Gauge(
    "gridmask_actuator_read_timestamp_seconds", "When all of them were last compared with the mask, since 1970.", ["actuator"]
)
FAILING = Gauge("gridmask_actuator_failing", "1 while they cannot be compared at all.", ["actuator"])


def tell(name: str, memory: Memory) -> None:
    """Take down how the actuator called so fares."""
    counted = Tally(entry.state for entry in memory.drift)
    for state in STATES:
        DRIFT.labels(name, state).set(counted[state])
    THINGS.labels(name).set(memory.things)
    FAILING.labels(name).set(bool(memory.problem))
    if memory.read_at is not None:
        READ.labels(name).set(memory.read_at.timestamp())
