"""The built-in rules, one family a file. They import the domain alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.rules.always import Always
from gridmask.rules.availability import Availability
from gridmask.rules.cel import Cel
from gridmask.rules.downtime import DeclaredDowntime
from gridmask.rules.jobs import JobDoneRatio, JobEfficiency, JobRunningMatched, JobRunningWaiting
from gridmask.rules.pilots import PilotEfficiency
from gridmask.rules.probes import ProbeResults
from gridmask.rules.propagation import Propagation
from gridmask.rules.space import FreeSpace
from gridmask.rules.tickets import Tickets
from gridmask.rules.transfers import TransferQuality
from gridmask.rules.windows import WindowedCount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.policy import Rule

BUILT_IN: Mapping[str, type[Rule]] = {
    "always": Always,
    "availability": Availability,
    "cel": Cel,
    "downtime": DeclaredDowntime,
    "free-space": FreeSpace,
    "job-done-ratio": JobDoneRatio,
    "job-efficiency": JobEfficiency,
    "job-running-matched": JobRunningMatched,
    "job-running-waiting": JobRunningWaiting,
    "pilot-efficiency": PilotEfficiency,
    "probe": ProbeResults,
    "propagation": Propagation,
    "tickets": Tickets,
    "transfer-quality": TransferQuality,
    "windowed-count": WindowedCount,
}
"""Rule classes by the name that a policy calls them by."""


def name_of(rule: Rule) -> str:
    """What a policy calls ``rule`` by; that of a plug-in knows it itself."""
    return next((name for name, kind in BUILT_IN.items() if type(rule) is kind), str(getattr(rule, "kind", "?")))


__all__ = [
    "BUILT_IN",
    "Always",
    "Availability",
    "Cel",
    "DeclaredDowntime",
    "FreeSpace",
    "JobDoneRatio",
    "JobEfficiency",
    "JobRunningMatched",
    "JobRunningWaiting",
    "PilotEfficiency",
    "ProbeResults",
    "Propagation",
    "Tickets",
    "TransferQuality",
    "WindowedCount",
    "name_of",
]
