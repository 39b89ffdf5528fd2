"""A policy test as it is played: what there is, what happens when, and what is expected then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gridmask.domain.downtime import Downtime, DowntimeKey
    from gridmask.domain.element import Element, RowKey, TypeRegistry
    from gridmask.domain.events import StatusSet, TokenReleased
    from gridmask.domain.evidence import Coverage, Evidence
    from gridmask.domain.mask import Absence
    from gridmask.domain.status import Status


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be so of one row, as a reader of its VO sees it; None, and no reasons: whatever it is.

    ``line`` is where the file says so.
    """

    row: RowKey
    line: int
    status: Status | Absence | None = None
    by: frozenset[str] | None = None
    reasons: tuple[str, ...] = ()
    automation: Status | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What happens at one moment, and what is expected once it has."""

    at: datetime
    coverage: tuple[Coverage, ...] = ()
    withdrawn: tuple[DowntimeKey, ...] = ()
    downtimes: tuple[Downtime, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    people: tuple[StatusSet | TokenReleased, ...] = ()
    expected: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One test.

    ``line`` is where it begins in ``file``; ``guarded``: whether mass changes are held.
    """

    file: Path
    line: int
    name: str
    elements: tuple[Element, ...]
    types: TypeRegistry
    vos: frozenset[str]
    coverage: tuple[Coverage, ...]
    moments: tuple[Moment, ...]
    guarded: bool = False


Resolve = Callable[[str], "Element"]
Named = Mapping[str, tuple["Element", ...]]
