"""Carries out a step's instructions: everything that it wants remembered, in the one transaction that is open (promise K1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import insert, update

from gridmask.domain.actor import ActorKind
from gridmask.domain.element import ElementKey
from gridmask.domain.evidence import Evidence, Used
from gridmask.domain.instructions import (
    ChangeKind,
    DropEvidence,
    EndRow,
    Instruction,
    MoveMasks,
    NoteRenaming,
    NoteTakings,
    RetireVo,
    SaveBatch,
    SaveCoverage,
    SaveDowntime,
    SaveElement,
    SaveEvidence,
    SaveRow,
    SaveRuling,
    SaveVo,
    TakeOutElement,
    WithdrawDowntime,
)
from gridmask.domain.measurements import VALUES
from gridmask.domain.row import INHERITED, Row
from gridmask.domain.vo import ALL
from gridmask.store import downtimes, elements, evidence, guard, rulings, sources, statuses, versions, vos
from gridmask.store.audit import Entry, sign
from gridmask.store.database import advance
from gridmask.store.history import EDITED, RENAMED
from gridmask.store.tables import changes, decisions, outbox
from gridmask.store.tables import vos as vos_table
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

CHANGED = "statuses.changed"
"""The topic under which the outside is told of a revision."""

HELD = "batch"
"""The topic under which it is told of what is held for a person to look at."""

REMINDER = "reminder"
"""The topic under which people are reminded of the rows that they hold."""

SOURCE = "source"
"""The topic under which it is told that a source fails, and that it is well again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What carrying out came to.

    Attributes:
        revision: the revision that was made; None if no status, token or mask changed, nor what masks depend on of an element.
        changed: the instructions that changed a row's status, existence or token.
        masks: the VOs whose masks moved.
        since: when what led to it came.
    """

    revision: int | None
    changed: tuple[SaveRow | EndRow, ...] = ()
    masks: frozenset[str] = frozenset()
    since: datetime | None = None


async def carry_out(connection: AsyncConnection, instructions: Iterable[Instruction], entry: Entry, before: int) -> Outcome:
    """Write down what ``instructions`` say, on top of revision ``before``.

    Status, history, audit record, revision, mask revisions and outbox entry are written on ``connection``, or none of them is.
    """
    book = _Book(instructions)
    await _inventory(connection, book, entry.at)
    await _vos(connection, book, entry.at, before)
    await downtimes.save(connection, (i.downtime for i in book.of(SaveDowntime)), entry.at)
    await downtimes.withdraw(connection, (i.key for i in book.of(WithdrawDowntime)), entry.at)
    for answered in book.of(SaveCoverage):
        await sources.save_coverage(connection, answered.coverage)
    for measured in book.of(SaveEvidence):
        await evidence.save(connection, measured.measured)
    for gone in book.of(DropEvidence):
        await evidence.drop(connection, gone.keys)
    await _batches(connection, book, entry.at)
    masks = frozenset(vo for moved in book.of(MoveMasks) for vo in moved.vos)
    changed: tuple[SaveRow | EndRow, ...] = (*book.of(EndRow), *(i for i in book.of(SaveRow) if i.change))
    ids = await elements.ids(connection, book.element_keys())
    edits = await _edits(connection, book, ids)
    # an edit that changes the mask of nobody who is there makes a revision, too: somebody who comes back may see it
    revision = before + 1 if changed or masks or edits else None
    await versions.save(connection, edits, before + 1)
    await _rows(connection, book, ids, revision)
    await rulings.save(connection, book.of(SaveRuling), ids)
    await _remind(connection, [i.after for i in book.of(SaveRow) if i.reminds], entry.at)
    await insert_all(connection, decisions, [_decision(i, ids, entry.at, revision) for i in book.of(SaveRow) if i.is_decision])
    if revision is not None:
        await insert_all(connection, changes, _element_changes(book, ids, entry, revision))
        await insert_all(connection, changes, list(_row_changes(changed, book, ids, entry, revision)))
        await _publish(connection, revision, masks, entry.at)
    if revision is not None or entry.actor.kind is not ActorKind.AUTOMATION:
        await sign(connection, entry, revision, entry.vos | _concerned(book, changed) or {ALL})
    return Outcome(revision, changed, masks)


T = TypeVar("T")


class _Book:
    """Instructions, sorted by what they ask for."""

    def __init__(self, instructions: Iterable[Instruction]) -> None:
        self._by_kind: dict[type[Any], list[Any]] = {}
        for instruction in instructions:
            self._by_kind.setdefault(type(instruction), []).append(instruction)

    def of(self, kind: type[T]) -> list[T]:
        """Those of one kind."""
        return self._by_kind.get(kind, [])

    def element_keys(self) -> set[ElementKey]:
        """The elements that rows or history entries will refer to."""
        saved = {i.element.key for i in self.of(SaveElement)} | {i.key for i in self.of(TakeOutElement)}
        saved |= {i.element for i in self.of(SaveRuling)}
        return saved | {i.after.key.element for i in self.of(SaveRow)} | {i.row.key.element for i in self.of(EndRow)}


async def _inventory(connection: AsyncConnection, book: _Book, now: datetime) -> None:
    await elements.save(connection, (i.element for i in book.of(SaveElement)), now)
    await elements.take_out(connection, (i.key for i in book.of(TakeOutElement)), now)
    await elements.note_renaming(connection, {i.before: i.after for i in book.of(NoteRenaming)})


async def _edits(connection: AsyncConnection, book: _Book, ids: Mapping[ElementKey, int]) -> list[versions.Edit]:
    saved = {ids[i.element.key]: i.element for i in book.of(SaveElement)}
    return await versions.edits(connection, saved, [ids[i.key] for i in book.of(TakeOutElement)])


async def _vos(connection: AsyncConnection, book: _Book, now: datetime, revision: int) -> None:
    added, retired = [i.name for i in book.of(SaveVo)], [i.name for i in book.of(RetireVo)]
    if added:
        await vos.register(connection, added, revision, now)
        await vos.bring_back(connection, added, revision)
    if retired:
        await vos.retire(connection, retired, now)


async def _rows(connection: AsyncConnection, book: _Book, ids: Mapping[ElementKey, int], revision: int | None) -> None:
    rows = [replace(i.after, revision=revision) if i.change and revision else i.after for i in book.of(SaveRow)]
    await statuses.save(connection, rows, ids)
    await statuses.remove(connection, (i.row.key for i in book.of(EndRow)), ids)


def _element_changes(book: _Book, ids: Mapping[ElementKey, int], entry: Entry, revision: int) -> list[dict[str, Any]]:
    """Entries for elements as such: they have no status type and no VO."""
    renamed = {i.before for i in book.of(NoteRenaming)}
    kinds = [(i.element.key, EDITED) for i in book.of(SaveElement)]
    kinds += [(i.key, RENAMED if i.key in renamed else "taken out") for i in book.of(TakeOutElement)]
    blank = {"status_type": "", "vo": "", "old": None, "new": None, "reasons": (), **_token(None), "token_from": None}
    signed = {"revision": revision, "actor": entry.actor.name, "at": entry.at}
    return [{"element_id": ids[key], "kind": kind, **blank, **signed} for key, kind in kinds]


async def _remind(connection: AsyncConnection, rows: Iterable[Row], now: datetime) -> None:
    """Have the owners of tokens told, all that ends together at once. Rows that only follow others say nothing of their own."""
    together: dict[tuple[str, datetime | None, datetime | None], list[Row]] = {}
    for row in rows:
        if row.token is not None and INHERITED not in row.reasons:
            together.setdefault((row.token.owner, row.token.expires_at, row.token.review_at), []).append(row)
    for (owner, expires_at, review_at), held in together.items():
        names = sorted(str(row.key) for row in held)
        told = {"owner": owner, "expires_at": expires_at, "review_at": review_at, "rows": names}
        key = f"reminder-{now:%Y%m%dT%H%M%S%f}-{sha256(f'{owner} {expires_at} {names}'.encode()).hexdigest()[:16]}"
        await connection.execute(insert(outbox).values(created_at=now, key=key, topic=REMINDER, payload=told))


async def _batches(connection: AsyncConnection, book: _Book, now: datetime) -> None:
    """Keep batches, and have the outside told of each that is new, has grown, or was decided."""
    saved = [instruction.batch for instruction in book.of(SaveBatch)]
    await guard.save(connection, saved)
    for batch in saved:
        told = {
            "batch": batch.id,
            "state": batch.state,
            "cause": str(batch.cause),
            "rows": batch.rows,
            "vos": sorted(batch.vos),
        }
        key = f"batch-{batch.id}-{batch.state}-{batch.rows}"
        await connection.execute(insert(outbox).values(created_at=now, key=key, topic=HELD, payload=told))


def _row_changes(
    changed: Iterable[SaveRow | EndRow], book: _Book, ids: Mapping[ElementKey, int], entry: Entry, revision: int
) -> Iterator[dict[str, Any]]:
    taken = {taking.row: guard.because(taking) for note in book.of(NoteTakings) for taking in note.takings}
    for change in changed:
        told = _row_change(change, ids, entry, revision)
        row = change.after if isinstance(change, SaveRow) else change.row
        yield {**told, "taken": taken.get(row.key)}


def _row_change(change: SaveRow | EndRow, ids: Mapping[ElementKey, int], entry: Entry, revision: int) -> dict[str, Any]:
    old, new = (change.before, change.after) if isinstance(change, SaveRow) else (change.row, None)
    row = new or old
    assert row is not None
    return {
        "revision": revision,
        **_identity(row, ids),
        "kind": change.change if isinstance(change, SaveRow) else ChangeKind.ENDED,
        "old": old.status if old else None,
        "new": new.status if new else None,
        "reasons": row.reasons,
        **_token(new),
        "token_from": change.taken_from if isinstance(change, SaveRow) else None,
        "actor": entry.actor.name,
        "at": entry.at,
    }


def _decision(saved: SaveRow, ids: Mapping[ElementKey, int], now: datetime, revision: int | None) -> dict[str, Any]:
    row = saved.after
    return {
        **_identity(row, ids),
        "at": now,
        "status": row.status,
        "opinion": row.opinion,
        "verdicts": row.verdicts,
        "policy_revision": row.policy_revision,
        "revision": revision if saved.change else None,
        "evidence": tuple(map(_used, saved.used)),
        "hold": row.hold,
        "penalty": row.penalty,
        "due": row.due,
    }


def _used(item: Evidence) -> Used:
    # every version of what is declared is kept anyway
    value = msgspec.to_builtins(item.value) if item.kind in VALUES else None
    return Used(item.key.source, item.key.record, item.kind, item.observed_at, item.vo, value)


def _identity(row: Row, ids: Mapping[ElementKey, int]) -> dict[str, Any]:
    return {"element_id": ids[row.key.element], "status_type": row.key.status_type, "vo": row.key.vo}


def _token(row: Row | None) -> dict[str, Any]:
    token = row.token if row else None
    return {
        "token_owner": token.owner if token else None,
        "token_expires_at": token.expires_at if token else None,
        "token_agreed": bool(token and token.agreed),
        "binding": bool(row and row.binding),
    }


def _concerned(book: _Book, changed: Iterable[SaveRow | EndRow]) -> set[str]:
    """The VOs whose something was done to, as far as it is kept."""
    rows = {(change.after if isinstance(change, SaveRow) else change.row).key.vo for change in changed}
    rows |= {i.downtime.vo for i in book.of(SaveDowntime)} | {i.vo for i in book.of(SaveRuling)}
    rows |= {vo for i in book.of(SaveBatch) for vo in i.batch.vos}
    return rows | {i.name for i in book.of(SaveVo)} | {i.name for i in book.of(RetireVo)}


async def _publish(connection: AsyncConnection, revision: int, masks: frozenset[str], now: datetime) -> None:
    """Make ``revision`` the last one, of the installation and of the masks that moved, and have the outside told."""
    await advance(connection, revision)
    if masks:
        await connection.execute(update(vos_table).where(vos_table.c.name.in_(sorted(masks))).values(mask_revision=revision))
    told = {"key": f"revision-{revision}", "topic": CHANGED, "payload": {"revision": revision}}
    await connection.execute(insert(outbox).values(created_at=now, **told))
