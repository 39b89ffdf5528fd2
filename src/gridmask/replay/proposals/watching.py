"""Watching: what is seen of policies and of sources while something is played, of which nothing is left in an outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.decision import ReasonKind
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.evidence import DOWNTIME
from gridmask.domain.instructions import SaveRow
from gridmask.domain.measurements import PROBE, Probe
from gridmask.domain.state import NO_ROWS
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.domain.decision import Verdict
    from gridmask.domain.element import ElementKey, RowKey
    from gridmask.domain.evidence import Evidence, EvidenceKey
    from gridmask.domain.row import Row
    from gridmask.domain.state import State
    from gridmask.replay.replaying import Played

OK, BAD = "OK", "CRITICAL"


@dataclass(slots=True)
class Said:
    """What a policy said on evidence: since when, how often it came to which status, of which rows, when last to a bad one.

    That it says so again is not counted.
    """

    first: datetime
    statuses: Counter[Status] = field(default_factory=Counter)
    rows: set[RowKey] = field(default_factory=set)
    last: datetime | None = None


class Found(NamedTuple):
    """What a source found of an element from ``at`` on; None: nothing any more."""

    at: datetime
    result: str | None


class Watcher:
    """Watches.

    Attributes:
        said: by layer and name, what each policy said.
        found: by element, metric and source, what was found by probes, as it changed.
    """

    def __init__(self, state: State, since: datetime) -> None:
        self.said: dict[tuple[str, str], Said] = {}
        self.found: dict[tuple[ElementKey, str, str], list[Found]] = {}
        self._where: dict[EvidenceKey, tuple[ElementKey, str, str]] = {}
        for key in state.elements:
            for row in state.rows.get(key, NO_ROWS).values():
                self._hear(row, (), since)
        known = (item for items in state.evidence.values() for item in items.values())
        self._find(state, (item for item in known if item.kind != DOWNTIME), since)

    def take(self, played: Played) -> None:
        """Watch something happen."""
        for one in played.instructions:
            if isinstance(one, SaveRow):
                self._hear(one.after, one.before.verdicts if one.before else (), played.at)
        if isinstance(played.event, EvidenceChanged) and played.refusal is None:
            self._find(played.after, played.event.put, played.at)
            for key in played.event.gone:
                if (name := self._where.pop(key, None)) is not None:
                    self._note(name, Found(played.at, None))

    def _hear(self, row: Row, before: tuple[Verdict, ...], at: datetime) -> None:
        for verdict in row.verdicts:
            if verdict in before or verdict.held or not verdict.reasons:
                continue
            if any(reason.kind in {ReasonKind.MISSING, ReasonKind.ERROR} for reason in verdict.reasons):
                continue
            said = self.said.setdefault((verdict.layer, verdict.policy), Said(at))
            said.statuses[verdict.status] += 1
            said.rows.add(row.key)
            if verdict.status is not Status.ACTIVE:
                said.last = at

    def _find(self, state: State, put: Iterable[Evidence], at: datetime) -> None:
        for item in put:
            if item.kind != PROBE or not isinstance(item.value, Probe):
                continue
            for key in set(state.directory.meant_by([item.key.about])):
                name = key, item.value.metric, item.key.source
                self._where[item.key] = name
                self._note(name, Found(at, item.value.result))
                if item.valid_until is not None:
                    self._note(name, Found(item.valid_until, None))

    def _note(self, name: tuple[ElementKey, str, str], found: Found) -> None:
        past = self.found.setdefault(name, [])
        # what was to expire did not, if something newer came before
        while past and past[-1].at >= found.at:
            past.pop()
        if not past or past[-1].result != found.result:
            past.append(found)

    def sources(self) -> Iterator[tuple[ElementKey, dict[str, list[list[Found]]]]]:
        """By element, what each source found, metric by metric."""
        by_element: dict[ElementKey, dict[str, list[list[Found]]]] = {}
        for (key, _, source), past in sorted(self.found.items()):
            by_element.setdefault(key, {}).setdefault(source, []).append(past)
        yield from by_element.items()
