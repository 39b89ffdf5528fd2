"""Severities that a registry does not declare."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gridmask.domain.downtime import Downtime


def unknown_severities(downtimes: Iterable[Downtime], known: Collection[str], registry: str) -> Iterator[str]:
    """A line for each severity of ``downtimes`` that is none of the ``known`` ones of the ``registry``."""
    counted = Counter(downtime.severity for downtime in downtimes if downtime.severity not in known)
    for severity, count in sorted(counted.items()):
        yield (
            f"the severity {severity!r} of {count:,} downtime{'s' if count > 1 else ''} is none of {registry}'s "
            f"({', '.join(known)}): kept as published, and what it means is up to the policies."
        )
