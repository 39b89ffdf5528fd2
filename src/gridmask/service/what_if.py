"""What-if: what other policies or other evidence would make of the rows, tried on all there is, and undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.events import EvidenceChanged
from gridmask.domain.instructions import ChangeKind, SaveRow
from gridmask.inspection.inspector import Plan
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.row import Row
    from gridmask.inspection.inspector import Inspector
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Would:
    """A row that would be another: what it is (None: there is none), and what it would be.

    ``held``: the guard would keep its status, and ask a person about it.
    """

    before: Row | None
    after: Row
    held: bool = False


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
    return _summed(change for outcome in outcomes for change in outcome.changed if isinstance(change, SaveRow))


def _summed(changes: Iterable[SaveRow]) -> list[Would]:
    """From what each row was at first to what it would be at last."""
    first: dict[object, Row | None] = {}
    last: dict[object, SaveRow] = {}
    for change in changes:
        first.setdefault(change.after.key, change.before)
        last[change.after.key] = change
    found = (Would(first[key], change.after, held=change.change is ChangeKind.HELD) for key, change in last.items())
    return sorted((w for w in found if w.held or not _same(w)), key=lambda would: would.after.key)


def _same(would: Would) -> bool:
    return would.before is not None and would.before.status is would.after.status
