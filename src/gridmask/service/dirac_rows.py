"""What rows are in DIRAC, taken over into ours: a part of them in a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.dirac_db.report import About
from gridmask.dirac_db.timeline import SOURCE
from gridmask.domain.element import SITE, Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.events import RowsTakenOver
from gridmask.domain.row import Row
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import NOTHING, Plan
from gridmask.store import elements, imported, statuses
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.row import Rows
    from gridmask.domain.takeover import Former
    from gridmask.inspection.inspector import Inspector

ACTION = "import dirac-db"
"""How its revisions go into the books."""

Said = tuple[Status, "datetime | None", "str | None", "datetime | None"]
"""What DIRAC said of a row: status, since when, whose it is, until when."""


@dataclass(slots=True)
class Taken:
    """What became of some rows: which were taken, how many are so already, what there is to say, and the revision made."""

    rows: tuple[Former, ...] = ()
    unchanged: int = 0
    made_known: int = 0
    remarks: list[tuple[About, str]] = field(default_factory=list)
    revision: int | None = None


class Takeover:
    """Takes rows over, each state of them in DIRAC once: what became of it here since then is ours."""

    def __init__(
        self,
        inspector: Inspector,
        actor: Actor,
        comment: str,
        before: Mapping[RowKey, tuple[Status, str | None]],
        types: TypeRegistry,
    ) -> None:
        """``before``: what DIRAC said of each row when the last import was finished, as far as its history tells."""
        self._inspector = inspector
        self._actor = actor
        self._comment = comment
        self._before = before
        self._types = types
        self._applied: dict[RowKey, Said] | None = None

    async def take(self, rows: list[Former]) -> Taken:
        """Take ``rows``, all of each element's."""
        taken = Taken()

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal taken
            taken = await self._chosen(connection, rows, now)
            if not taken.rows:
                return NOTHING
            event = RowsTakenOver(self._actor, taken.rows)
            return Plan(event, Scope.of(former.key.element for former in taken.rows), ACTION, self._comment)

        taken.revision = (await self._inspector.happen(prepare)).revision
        return taken

    async def _chosen(self, connection: AsyncConnection, rows: list[Former], now: datetime) -> Taken:
        """Which of ``rows`` are to be taken; their elements are known from then on."""
        keys = {former.key.element for former in rows}
        ids, present = await elements.find(connection, keys)
        here = group(await statuses.load(connection, ids.values()))
        applied = await self._last_applied(connection)
        taken, chosen = Taken(), []
        followers = {former.key: former for former in _followers(rows, here)}
        for former in (*rows, *followers.values()):
            element, row = present.get(former.key.element), here.get(former.key.element, NO_ROWS).get(former.key[1:])
            remark = self._objection(former, row, element, applied, now)
            if remark is not None:
                taken.remarks.append((remark, str(former.key)))
            elif former.is_as(row, now) or self._was_taken(former, row, applied, follows=former.key in followers):
                taken.unchanged += 1
            else:
                chosen.append(former)
        taken.rows = tuple(chosen)
        taken.remarks += [(About.NOT_IN_INVENTORY, str(key)) for key in sorted(keys - present.keys())]
        missing = {former.key.element for former in chosen} - ids.keys()
        await imported.make_known(connection, (unlisted(key, self._types) for key in missing), now)
        taken.made_known = len(missing)
        return taken

    @staticmethod
    def _objection(
        former: Former, row: Row | None, element: Element | None, applied: Mapping[RowKey, Said], now: datetime
    ) -> About | None:
        """Why a row cannot be taken; None: it can."""
        if element is not None and not element.is_offered_to(former.key.vo):
            return About.NOT_OFFERED
        if row is None or row.token is None or not row.held(now) or former.is_as(row, now):
            return None
        before = applied.get(former.key)
        is_ours = before is None or (row.token.owner, row.token.expires_at) != before[2:]
        return About.HELD_HERE if is_ours else None

    def _was_taken(self, former: Former, row: Row | None, applied: Mapping[RowKey, Said], *, follows: bool) -> bool:
        """Whether DIRAC says just what it said the last time; ``follows``: of everyone."""
        told = former.key._replace(vo=ALL) if follows and former.key not in applied else former.key
        if told in applied:
            return applied[told] == (former.status, former.reason.since, former.owner, former.until)
        return row is not None and self._before.get(told) == (former.status, former.owner)

    async def _last_applied(self, connection: AsyncConnection) -> Mapping[RowKey, Said]:
        if self._applied is None:
            self._applied = {}
            for change in await imported.applied(connection, ACTION):
                key = RowKey(ElementKey(change.family, change.type, change.name), change.status_type, change.vo)
                since = change.reasons[0].since
                self._applied[key] = (Status(change.new), since, change.token_owner, change.token_expires_at)
        return self._applied


def _followers(rows: Iterable[Former], here: Mapping[ElementKey, Rows]) -> Iterator[Former]:
    """The rows that VOs have of their own here alone, as their readers see them in DIRAC: as everyone's (promise V1)."""
    there = {former.key: former for former in rows}
    for former in there.values():
        if former.key.vo == ALL:
            own = (
                former.key._replace(vo=vo) for aspect, vo in here.get(former.key.element, NO_ROWS) if aspect == former.key[1]
            )
            yield from (replace(former, key=key) for key in own if key not in there)


def unlisted(key: ElementKey, types: TypeRegistry) -> Element:
    """The element ``key`` as far as it is known without an inventory."""
    site = key.name if key.family == SITE else ""
    return Element(key, site, in_service=False, category=types.get(key.type).category, source=SOURCE)
