"""A record as DIRAC's tables have them: the columns, in order, of what is to be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, case, func, literal, select

from gridmask.store.dirac_views import shape
from gridmask.store.dirac_views.words import seconds, told, varchar, written

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


@dataclass(frozen=True, slots=True)
class Said:
    """What a record is to say.

    Attributes:
        vo, status_type: of which row.
        status: as its number.
        since: since when it is so.
        checked: when that was last looked at.
        reasons: why, as JSON; None: ``instead`` says it.
        instead: what is said in place of reasons, null where nothing is; None: nothing ever.
        owner, until: whose it is, null if automation's, and until when; None: automation's.
    """

    vo: ColumnElement[Any]
    status_type: ColumnElement[Any]
    status: ColumnElement[int]
    since: ColumnElement[Any]
    checked: ColumnElement[Any]
    reasons: ColumnElement[Any] | None = None
    instead: ColumnElement[Any] | None = None
    owner: ColumnElement[Any] | None = None
    until: ColumnElement[Any] | None = None


def record(e: Any, said: Said, *first: ColumnElement[Any]) -> Select[Any]:  # noqa: ANN401 - the elements with their names
    """The columns that say it of the element ``e``, after those that come ``first``."""
    return select(
        *first,
        e.c.name.label("Name"),
        varchar(said.status_type, shape.STATUS_TYPE).label("StatusType"),
        varchar(said.vo, shape.VO).label("VO"),
        varchar(case(shape.LABELS, value=said.status, else_=""), shape.STATUS).label("Status"),
        varchar(_reason(said), shape.REASON).label("Reason"),
        seconds(said.since).label("DateEffective"),
        _or(None if said.until is None else seconds(said.until), written(shape.FOREVER)).label("TokenExpiration"),
        e.c.type.label("ElementType"),
        seconds(said.checked).label("LastCheckTime"),
        varchar(_owner(said), shape.OWNER).label("TokenOwner"),
    )


def _owner(said: Said) -> ColumnElement[Any]:
    return _or(None if said.owner is None else func.left(said.owner, shape.OWNER), literal(shape.AUTOMATION))


def _reason(said: Said) -> ColumnElement[Any]:
    texts = (said.instead, None if said.reasons is None else told(said.reasons))
    found = [func.nullif(text, "") for text in texts if text is not None]
    return func.left(func.coalesce(*found, shape.UNSPECIFIED), shape.REASON)


def _or(value: ColumnElement[Any] | None, default: ColumnElement[Any]) -> ColumnElement[Any]:
    return default if value is None else func.coalesce(value, default)
