"""Confirmation: a policy's verdict changes only when enough of its last checks say so, in either direction (promise D5).

A check is a look at evidence that is newer than that of the check before; to look again at the same counts for nothing. Until
a change is confirmed the verdict stays *hard* at what it was, and its checks say what it may become: the soft and hard states
of Nagios, with a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Quorum:
    """``needed`` of the last ``checks`` must agree."""

    needed: int = 1
    checks: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= self.checks <= 20:
            raise ValueError(f"{self} cannot be: write 'n of m' with n up to m, and m up to 20")

    def __str__(self) -> str:
        return f"{self.needed} of {self.checks}"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What it takes to change a verdict: to a ``worse`` status, and to a ``better`` one."""

    worse: Quorum = Quorum()
    better: Quorum = Quorum()

    @property
    def window(self) -> int:
        """How many checks have to be remembered."""
        return max(self.worse.checks, self.better.checks)


AT_ONCE = Confirmation()


class Check(NamedTuple):
    """What one check found, and how new its evidence was."""

    status: Status
    seen: datetime


def newest(evidence: Iterable[Evidence]) -> datetime | None:
    """When the newest of ``evidence`` was observed."""
    return max((item.observed_at for item in evidence), default=None)


def checked(checks: tuple[Check, ...], found: Status, seen: datetime | None, hard: Status, window: int) -> tuple[Check, ...]:
    """``checks`` after one that ``found`` something in evidence as new as ``seen``; empty where all agree with ``hard``."""
    if seen is None or (checks and seen <= checks[-1].seen):
        return checks
    remembered = (*checks, Check(found, seen))[-window:]
    return () if all(check.status is hard for check in remembered) else remembered


def confirmed(checks: tuple[Check, ...], found: Status, hard: Status, confirmation: Confirmation) -> bool:
    """Whether ``checks``, of which the last found ``found``, are enough to leave ``hard`` for it."""
    worse = rank(found) < rank(hard)
    quorum = confirmation.worse if worse else confirmation.better
    recent = checks[-quorum.checks :]
    agreeing = sum((rank(c.status) < rank(hard)) if worse else (rank(c.status) > rank(hard)) for c in recent)
    return agreeing >= quorum.needed


def rank(status: Status) -> int:
    """How good ``status`` is. ``Unknown`` is no better than what is not usable: it restricts as they do."""
    return Status.PROBING if status is Status.UNKNOWN else status
