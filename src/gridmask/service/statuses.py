"""Statuses: list and set them, ask why, look back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from anyio import to_thread

from gridmask.domain.actor import Actor
from gridmask.domain.automation import NO_RULINGS, Mode, Ruling, ruled
from gridmask.domain.decision import Verdict, combine
from gridmask.domain.element import Element, RowKey
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.events import StatusSet
from gridmask.domain.evidence import DECLARATIONS, Used
from gridmask.domain.mask import Absence, Entry, Holding, entry
from gridmask.domain.outlook import Way, forecast, ways
from gridmask.domain.rights import Action
from gridmask.domain.row import Row, Rows, seen_by
from gridmask.domain.state import NO_ROWS, State, group
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import Plan
from gridmask.service.offers import require_offered
from gridmask.service.reasons import require_text
from gridmask.service.selection import MOST_ROWS, Chosen, RowName, authorised, find, keys_of, row_keys, sight, vos_of
from gridmask.service.tokens import CUSTOMARY, Wanted
from gridmask.store import elements, history, sources, statuses, world
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.events import Sight
    from gridmask.inspection.inspector import Inspector
    from gridmask.service.vos import Vos
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Seen:
    """A row as a reader asking for ``vo`` gets it (promise V1); ``row.key.vo`` tells whose it is."""

    vo: str
    row: Row
    element: Element
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list. ``cursor`` asks for what comes after it; None: that was all."""

    rows: tuple[Seen, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a row is what it is.

    Attributes:
        seen: the row, and whose it is.
        decided_at: since when the policies say what they say.
        policies: the policy revision that it was judged by.
        sources: by name of each source that has a say about it, its inventory included, when it last gave a usable answer.
        evidence: what the verdicts rested on when they became what they are.
        mode: how far automation goes with it; ``ruling``: by whose decision about the element, if it is by one.
        ways: what would make it another.
    """

    seen: Seen
    decided_at: datetime | None
    policies: str
    sources: Mapping[str, datetime | None]
    evidence: tuple[Used, ...] = ()
    mode: Mode = Mode.FULL
    ruling: Ruling | None = None
    ways: tuple[Way, ...] = ()

    @property
    def winners(self) -> tuple[Verdict, ...]:
        """The verdicts that automation's opinion rests on."""
        return combine(self.seen.row.verdicts).winners


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows to list; None is any. ``vo``: as a reader asking for it gets them, else as they are kept."""

    vo: str | None = None
    family: str | None = None
    type: str | None = None
    name: str | None = None
    site: str | None = None
    status_type: str | None = None
    status: Status | None = None


class Statuses:
    """The use cases around rows."""

    def __init__(self, inspector: Inspector, vos: Vos) -> None:
        self._inspector = inspector
        self._vos = vos

    async def page(self, wanted: Filter, *, cursor: int = 0, limit: int = 100) -> Page:
        """The rows for which ``wanted`` holds, in a lasting order, ``limit`` or slightly more at a time."""
        limit = min(limit, MOST_ROWS)
        vo = await self._vos.resolve(wanted.vo) if wanted.vo else None
        found: list[Seen] = []
        async with self._inspector.database.reading() as connection:
            async for number, holding in statuses.walk(connection, _elements(wanted), cursor):
                found += [seen for seen in _seen(holding, vo) if _wanted(seen, wanted)]
                if len(found) >= limit:
                    return Page(tuple(found), number)
        return Page(tuple(found), None)

    async def set(  # noqa: PLR0913 - each is one thing that a person can say about a row
        self,
        actor: Actor,
        rows: Iterable[Chosen],
        status: Status,
        reason: str,
        *,
        wanted: Wanted = CUSTOMARY,
        binding: bool = False,
        seen: Sight | None = None,
    ) -> tuple[Outcome, tuple[RowKey, ...]]:
        """Set ``rows`` to ``status``, and take them out of the loop, in one transaction.

        Args:
            actor: who does it.
            rows: which.
            status: to what.
            reason: why; needed.
            wanted: for how long automation stays away; what is binding, until it is released unless told otherwise.
            binding: on rows of ``all``: outrank every VO's row (promise V4).
            seen: the revision in which the actor saw the rows; if one changed since, nothing is set (promise K2). Or which
                revisions a single row has to have.

        Raises:
            Forbidden, NotKnown, Ambiguous, InvalidRequest, StaleWrite: and nothing was changed.
        """
        reason = require_text(reason, "A reason")
        chosen = await authorised(actor, self._vos, rows, Action.SET_STATUSES)
        if binding and any(row.vo != ALL for row in chosen):
            raise InvalidRequest("Only a row of 'all' can be binding: a VO's own row binds nobody else anyway.")
        if binding and wanted.agreed:
            raise InvalidRequest("What binds every VO lasts until somebody releases it, whatever automation asks for.")
        if binding and wanted.until is None:
            wanted = replace(wanted, lasting=True)
        wanted.term(self._inspector.clock(), self._inspector.policies.tokens)
        keys: tuple[RowKey, ...] = ()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal keys
            keys = await keys_of(connection, chosen, await self._inspector.types(connection))
            seen_by_row = sight(keys, seen)
            # once more, since it may have waited for its turn
            term = wanted.term(now, self._inspector.policies.tokens)
            event = StatusSet(actor, keys, status, reason, term, binding, seen_by_row)
            return Plan(event, Scope.of(key.element for key in keys), f"set {status.label}", reason, vos_of(keys))

        return await self._inspector.happen(prepare), keys

    async def why(self, called: RowName) -> tuple[Explanation, ...]:
        """Why the rows ``called`` so are what they are, one explanation for each.

        Raises:
            NotOffered: the VO is told nothing about that element. NotKnown, Ambiguous: there is none, or several.
        """
        vo = await self._vos.resolve(called.vo)
        async with self._inspector.database.reading() as connection:
            element = await find(connection, called.element)
            require_offered(element, vo)
            types = await self._inspector.types(connection)
            keys = row_keys(element.key, called, types)
            now, policies = self._inspector.clock(), self._inspector.policies
            state = await world.load(connection, Scope.of([element.key]), policies, types, now)
            held = Holding(element, state.rows.get(element.key, NO_ROWS))
            seen = [self._as_seen(held, key.status_type, vo) for key in keys]
            return tuple([await _explanation(connection, one, state, now) for one in seen])

    async def rows(self, keys: Iterable[RowKey]) -> tuple[Seen, ...]:
        """The rows called ``keys``, each as a reader asking for its VO gets it now; without those of which that is nothing."""
        wanted = tuple(keys)
        about = {key.element for key in wanted}
        async with self._inspector.database.reading() as connection:
            ids, found = await elements.find(connection, about)
            rows = group(await statuses.load(connection, ids.values()))
        held = {key: Holding(element, rows.get(key, NO_ROWS)) for key, element in found.items()}
        told = (key for key in wanted if _is_told(held.get(key.element), key.vo))
        return tuple(self._as_seen(held[key.element], key.status_type, key.vo) for key in told)

    async def history(
        self, called: RowName, *, before: int | None = None, limit: int = 50, inclusive: bool = False
    ) -> list[sa.Row[Any]]:
        """The changes of the rows ``called`` so, newest first. For a VO without a row of its own, those of ``all``.

        ``before``: only those that came before the one with that id; if ``inclusive``, that one, too.
        Of an element that is in no inventory, or not any more, they are what was once. What became of the rows of all while
        the element was not offered to the VO is not told.
        """
        vo = await self._vos.resolve(called.vo)
        async with self._inspector.database.reading() as connection:
            element = await find(connection, called.element, gone=True)
            keys = row_keys(element.key, called, await self._inspector.types(connection))
            changes = [
                change
                for key in keys
                for owner in {vo, ALL}
                for change in await history.of_row(
                    connection, key._replace(vo=owner), told_to=vo, before=before, limit=limit, inclusive=inclusive
                )
            ]
        return sorted(changes, key=history.place, reverse=True)[:limit]

    @staticmethod
    def _as_seen(holding: Holding, status_type: str, vo: str) -> Seen:
        row = seen_by(vo, status_type, holding.rows)
        if row is None:
            raise NotKnown("row", f"{holding.element.key} {status_type}")
        said = entry(holding, vo)
        return Seen(vo, row, holding.element, None if isinstance(said, Entry) else said)


async def _explanation(connection: AsyncConnection, seen: Seen, state: State, now: datetime) -> Explanation:
    row, rulings = seen.row, state.rulings.get(seen.element.key, NO_RULINGS)
    # what was decided for a VO is told even where it comes to the same as for all
    whose = ALL if row.binding else seen.vo
    mode = ruled(rulings, state.policies.automation, whose)
    ahead = await to_thread.run_sync(forecast, state, row.key._replace(vo=seen.vo), now)
    decision = await history.last_decision(connection, seen.row.key)
    reasons = (*seen.row.reasons, *(reason for verdict in seen.row.verdicts for reason in verdict.reasons))
    used = (decision.evidence or ()) if decision else ()
    # that nobody announces a downtime is as much a reason as what another says; what is not measured is none
    known = (await sources.coverage(connection)).values()
    covering = {c.source for c in known if c.kind in DECLARATIONS and c.covers(seen.element)}
    involved = covering | {reason.source for reason in reasons} | {item.source for item in used} | {seen.element.source}
    answered = await history.last_answers(connection, involved)
    return Explanation(
        seen,
        decision.at if decision else None,
        row.policy_revision,
        answered,
        used,
        mode,
        rulings.get(whose) or rulings.get(ALL),
        (*([ahead] if ahead else []), *ways(row, mode, now)),
    )


def _is_told(holding: Holding | None, vo: str) -> bool:
    return holding is not None and holding.element.is_offered_to(vo)


def _elements(wanted: Filter) -> Mapping[str, str]:
    asked = {"family": wanted.family, "type": wanted.type, "name": wanted.name, "site": wanted.site}
    return {column: value for column, value in asked.items() if value is not None}


def _seen(holding: Holding, vo: str | None) -> Iterable[Seen]:
    rows: Rows = holding.rows
    if vo is None:
        return [Seen(key[1], row, holding.element) for key, row in sorted(rows.items())]
    if not isinstance(entry(holding, vo), Entry):
        return []
    aspects = sorted({status_type for status_type, _ in rows})
    return [Seen(vo, row, holding.element) for aspect in aspects if (row := seen_by(vo, aspect, rows)) is not None]


def _wanted(seen: Seen, wanted: Filter) -> bool:
    status_type_fits = wanted.status_type in {None, seen.row.key.status_type}
    return status_type_fits and wanted.status in {None, seen.row.status}
