"""Done: what somebody did just now, as the audit has it, and how it is undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from gridmask.domain.automation import Mode
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.rights import Action
from gridmask.domain.status import Status
from gridmask.portal.deeds.typed import Deed
from gridmask.service.undoing import DEALINGS
from gridmask.store.audit import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa

    from gridmask.bootstrap import Installation
    from gridmask.portal.frame.reader import Reader
    from gridmask.store.audit import Record

NOTHING = "none"
"""What a form says that nothing was decided before."""

_MOST = 20
_ELSEWHERE = "as elsewhere"
_DECLARED, _CANCELLED, _AUTOMATION = "downtime declared", "downtime cancelled", "automation "


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that it changed. ``old`` and ``new`` None: there was none, or is none any more."""

    row: RowKey
    old: Status | None
    new: Status | None


@dataclass(frozen=True, slots=True)
class Undo:
    """How it is undone: by which deed, with what."""

    deed: Deed
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done.

    Attributes:
        record: what the audit has of it.
        rows: how many rows it changed.
        undo: how it is undone; None: it cannot be, or not any more.
        overtaken: whether it cannot be any more, since something has changed since.
    """

    record: Record
    rows: int
    undo: Undo | None
    overtaken: bool

    @property
    def lines(self) -> tuple[Changed, ...]:
        """The first of the rows that it changed."""
        return tuple(_changed(change) for change in self.record.changes if change.status_type)

    @property
    def words(self) -> str:
        """What it is called."""
        action, mode = self.record.action, self.record.action.removeprefix(_AUTOMATION)
        if mode == _ELSEWHERE:
            return "Automation as with all others"
        return f"Automation set to {mode}" if mode != action else action[:1].upper() + action[1:]


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at where it is told what was done.

    Attributes:
        row: a row of the element; empty: of several.
        newest: the last revision that changed one of its rows.
        was: what was decided on automation before; empty: nobody says.
    """

    row: str = ""
    newest: int = 0
    was: str = ""


async def done(gridmask: Installation, reader: Reader, vo: str, request: str, at: Looked) -> Done | None:
    """What the request with that identifier did, for who may know; None: nothing, or it is nobody's business.

    Args:
        gridmask: the installation.
        reader: who reads.
        vo: for whom they look.
        request: its identifier.
        at: what they look at.
    """
    if not request or not reader.actor.may(Action.READ_AUDIT, vo):
        return None
    found = await gridmask.audit.list(reader.actor, Wanted(vo=vo, request=request), _MOST)
    made = [record for record in found if _is_dealing(record)]
    if not made:
        return None
    record = made[0]
    overtaken = record.revision is not None and at.newest > record.revision and record.action.startswith(DEALINGS)
    undo = None if overtaken else _undo(record, at)
    return Done(record, sum(one.changed for one in made), undo, overtaken)


def location(back: str, request: str, **more: str) -> str:
    """``back``, which is an address of ours, to go on there after what that request did."""
    path, _, query = back.partition("#")[0].partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in {"done", "was"}]
    said = [(name, value) for name, value in more.items() if value]
    return f"{path}?{urlencode([*kept, ('done', request), *said])}"


def _changed(change: sa.Row[Any]) -> Changed:
    key = RowKey(ElementKey(change.family, change.type, change.name), change.status_type, change.vo)
    old, new = (None if status is None else Status(status) for status in (change.old, change.new))
    return Changed(key, old, new)


def _is_dealing(record: Record) -> bool:
    return record.action.startswith((*DEALINGS, _DECLARED, _CANCELLED, _AUTOMATION, "undone"))


def _undo(record: Record, at: Looked) -> Undo | None:
    if record.revision is not None and record.action.startswith(DEALINGS):
        return Undo(Deed.UNDO, (("revision", str(record.revision)),))
    if record.action == _DECLARED:
        said = _reason(record)
        return Undo(Deed.CANCEL, (("record", record.comment.partition(":")[0]), ("reason", said), ("known", str(record.id))))
    if record.action.startswith(_AUTOMATION) and at.row and at.was in {NOTHING, *_modes()}:
        mode = "" if at.was == NOTHING else at.was
        return Undo(Deed.AUTOMATION, (("row", at.row), ("mode", mode), ("reason", _reason(record)), ("known", str(record.id))))
    return None


def _modes() -> Iterable[str]:
    return (mode.value for mode in Mode)


def _reason(record: Record) -> str:
    return f"Undo of: {record.action}, {record.comment}"[:1000]
