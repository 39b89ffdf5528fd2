"""Gathering: what is played again, step after step, becomes an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.actor import ActorKind
from gridmask.domain.downtime import Downtime, DowntimeKey
from gridmask.domain.events import (
    AutomationRuled,
    BatchDecided,
    DowntimesChanged,
    Event,
    StatusSet,
    TokenExtended,
    TokenReleased,
    TokenTaken,
)
from gridmask.domain.hindsight import Known
from gridmask.domain.instructions import EndRow, SaveBatch, SaveElement, SaveRow, TakeOutElement
from gridmask.domain.row import seen_by
from gridmask.domain.state import NO_ROWS
from gridmask.replay.outcome import Deed, Described, Moment, Outcome, Past, Presence, changed, followed

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey, RowKey
    from gridmask.domain.guard import Batch
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.row import Row
    from gridmask.domain.state import State
    from gridmask.replay.replaying import Played

_WITH_ROWS = StatusSet | TokenTaken | TokenExtended | TokenReleased


def outcome(state: State, played: Iterable[Played], since: datetime, until: datetime) -> Outcome:
    """What becomes of ``state``, as it was at ``since``, by what is ``played``, up to ``until``."""
    gatherer = Gatherer(state, since)
    for one in played:
        gatherer.take(one)
    return gatherer.outcome(until)


class Gatherer:
    """Keeps what changes while something is played.

    Args:
        state: the world at first.
        since: when that was.
    """

    def __init__(self, state: State, since: datetime) -> None:
        self._since = since
        self._policies = state.policies.revision
        self._described: dict[ElementKey, list[Described]] = {}
        self._rows: dict[ElementKey, dict[tuple[str, str], list[Moment]]] = {}
        self._vos: dict[str, list[Presence]] = {}
        self._there: frozenset[str] = frozenset()
        self._versions = _Versions(since)
        self._deeds: list[Deed] = []
        self._batches: dict[str, Batch] = dict(state.watch.batches)
        self._begin(state)

    def _begin(self, state: State) -> None:
        for key, element in state.elements.items():
            self._described[key] = [Described(self._since, element)]
            for row in state.rows.get(key, NO_ROWS).values():
                self._note(self._since, row)
        self._find(self._since, state.vos)
        for known in state.evidence.values():
            for item in known.values():
                if isinstance(item.value, Downtime):
                    self._versions.learn(item.value, item.observed_at)

    def take(self, played: Played) -> None:
        """Take in that something happened."""
        at = played.at
        self._policies = played.after.policies.revision
        if played.after.vos is not self._there:
            self._find(at, played.after.vos)
        if isinstance(played.event, DowntimesChanged) and played.refusal is None:
            self._versions.take(played.event, at)
        self._deeds.extend(_deeds(played))
        for one in played.instructions:
            self._follow(at, one)

    def _follow(self, at: datetime, one: Instruction) -> None:
        match one:
            case SaveRow():
                self._note(at, one.after)
            case EndRow(row):
                self._rows[row.key.element][row.key[1:]].append(Moment(at, None))
            case SaveElement(element):
                self._described.setdefault(element.key, []).append(Described(at, element))
            case TakeOutElement(key):
                self._described.setdefault(key, []).append(Described(at, None))
            case SaveBatch(batch):
                self._batches[batch.id] = batch

    def _note(self, at: datetime, row: Row) -> None:
        past = self._rows.setdefault(row.key.element, {}).setdefault(row.key[1:], [])
        owner, batch = row.token.owner if row.token else None, row.hold.batch if row.hold else ""
        moment = Moment(at, row.status, row.binding, owner, row.opinion, batch, row.reasons)
        if past and past[-1].at == at:
            past.pop()
        if not past or not past[-1].is_as(moment):
            past.append(moment)

    def _find(self, at: datetime, vos: frozenset[str]) -> None:
        for vo in sorted(vos ^ self._there):
            self._vos.setdefault(vo, []).append(Presence(at, vo in vos))
        self._there = vos

    def outcome(self, until: datetime) -> Outcome:
        """What became of everything, up to ``until``."""
        pasts = {
            key: Past(changed(described), {name: followed(past) for name, past in sorted(self._rows.get(key, {}).items())})
            for key, described in sorted(self._described.items())
        }
        vos = {vo: changed(presences) for vo, presences in sorted(self._vos.items())}
        versions, batches = self._versions.all(), dict(sorted(self._batches.items()))
        return Outcome(self._since, until, self._policies, pasts, vos, versions, tuple(self._deeds), batches)


class _Versions:
    """The versions of downtimes, each with when it was known."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._open: dict[DowntimeKey, Known] = {}
        self._closed: list[Known] = []

    def learn(self, downtime: Downtime, at: datetime) -> None:
        self._close(downtime.key, at)
        self._open[downtime.key] = Known(downtime, at)

    def take(self, event: DowntimesChanged, at: datetime) -> None:
        # what was over when it began was forgotten, and is edited all the same
        for key in sorted(event.before.keys() - self._open.keys()):
            self.learn(event.before[key], min(self._since, at))
        for downtime in (*event.difference.added, *event.difference.edited):
            self.learn(downtime, at)
        for key in event.difference.withdrawn:
            self._close(key, at)

    def _close(self, key: DowntimeKey, at: datetime) -> None:
        known = self._open.pop(key, None)
        # what stood for no time at all was never known
        if known is not None and known.known_from < at:
            self._closed.append(Known(known.downtime, known.known_from, at))

    def all(self) -> tuple[Known, ...]:
        found = (*self._closed, *self._open.values())
        return tuple(sorted(found, key=lambda one: (one.known_from, one.downtime.key, one.known_to is None)))


def _deeds(played: Played) -> Iterator[Deed]:
    event = played.event
    if event.actor.kind is ActorKind.AUTOMATION:
        return
    kind, refusal = type(event).__name__, str(played.refusal) if played.refusal else ""
    match event:
        case StatusSet() | TokenTaken() | TokenExtended() | TokenReleased():
            needless = sum(_is_so(played.before, key, event) for key in event.rows)
            yield Deed(played.at, kind, event.actor.name, event.rows, "", needless, refusal)
        case AutomationRuled(vo=vo):
            yield Deed(played.at, kind, event.actor.name, (), vo, 0, refusal)
        case BatchDecided():
            yield Deed(played.at, kind, event.actor.name, refusal=refusal)
        case DowntimesChanged(coverage=None):
            yield Deed(played.at, kind, event.actor.name, refusal=refusal)


def _is_so(state: State, key: RowKey, event: Event) -> bool:
    """Whether a person set a row to what it was by itself."""
    if not isinstance(event, StatusSet):
        return False
    row = seen_by(key.vo, key.status_type, state.rows.get(key.element, NO_ROWS))
    return row is not None and row.token is None and row.status is event.status
