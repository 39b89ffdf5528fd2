"""Series: gauges whose labels come and go with what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from prometheus_client import Gauge

_told: WeakKeyDictionary[Gauge, set[tuple[str, ...]]] = WeakKeyDictionary()


def become(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """Have ``gauge`` tell these values, by the values of its labels, and nothing of what it told so before.

    Whoever reads it meanwhile, in another thread, sees no moment at which nothing is told.
    """
    before = _told.get(gauge, set())
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
    for labels in before - values.keys():
        gauge.remove(*labels)
    _told[gauge] = set(values)
