"""What-if: what other policies or other evidence would make of the rows, tried on all there is, and undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.events import EvidenceChanged
from gridmask.domain.instructions import ChangeKind, EndRow, SaveRow
from gridmask.domain.state import NO_ROWS
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import Plan
from gridmask.store import world
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import RowKey
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.row import Row
    from gridmask.inspection.inspector import Inspector
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Would:
    """A row that would be another: what it is (None: there is none), and what it would be.

    ``held``: the guard would keep its status, and ask a person about it. ``ends``: the VO's own row would end, and ``after`` is
    that of ``all``, which it would follow.
    """

    before: Row | None
    after: Row
    held: bool = False
    ends: bool = False

    @property
    def key(self) -> RowKey:
        """Whose row it is."""
        return self.before.key if self.ends and self.before is not None else self.after.key


async def what_if(
    inspector: Inspector,
    policies: PolicySet | None = None,
    document: dict[str, object] | None = None,
    evidence: Sequence[Evidence] = (),
) -> list[Would]:
    """The rows that would be others under ``policies`` (None: those in force) and with ``evidence`` beside what there is.

    It really happens in the database of ``inspector``, which should be a rehearsal.
    """
    outcomes: list[Outcome] = []
    if evidence:

        async def bring(_: AsyncConnection, __: datetime) -> Plan:
            return Plan(EvidenceChanged(tuple(evidence)), Scope.meant_by(item.key.about for item in evidence), "what if")

        outcomes.append(await inspector.happen(bring))
    if policies is not None:
        outcomes.append(await inspector.adopt(policies, document or {}))
    changes = [change for outcome in outcomes for change in outcome.changed]
    return _summed(changes, await _general(inspector, [c.row.key for c in changes if isinstance(c, EndRow)]))


async def _general(inspector: Inspector, ended: Iterable[RowKey]) -> dict[RowKey, Row]:
    """The rows of ``all`` that VOs follow whose own rows ``ended``, by these."""
    keys = frozenset(ended)
    if not keys:
        return {}
    async with inspector.database.reading() as connection:
        scope, types = Scope.of(key.element for key in keys), await inspector.types(connection)
        rows = (await world.load(connection, scope, inspector.policies, types, inspector.clock())).rows
    return {key: row for key in keys if (row := rows.get(key.element, NO_ROWS).get((key.status_type, ALL))) is not None}


def _summed(changes: Iterable[SaveRow | EndRow], general: Mapping[RowKey, Row]) -> list[Would]:
    """From what each row was at first to what it would be at last."""
    first: dict[RowKey, Row | None] = {}
    last: dict[RowKey, SaveRow | EndRow] = {}
    for change in changes:
        key, before = (change.row.key, change.row) if isinstance(change, EndRow) else (change.after.key, change.before)
        first.setdefault(key, before)
        last[key] = change
    found = [
        Would(first[key], change.after, held=change.change is ChangeKind.HELD)
        if isinstance(change, SaveRow)
        else Would(first[key], general[key], ends=True)
        for key, change in last.items()
        if isinstance(change, SaveRow) or (key in general and first[key] is not None)
    ]
    return sorted((w for w in found if w.held or not _same(w)), key=lambda would: would.key)


def _same(would: Would) -> bool:
    return would.before is not None and would.before.status is would.after.status
