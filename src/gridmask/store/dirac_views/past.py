"""What the views of the past select: the changes of rows, as they were written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from gridmask.domain.instructions import ChangeKind
from gridmask.store.dirac_views.naming import Kind, named
from gridmask.store.dirac_views.records import Said, record
from gridmask.store.dirac_views.words import as_text
from gridmask.store.tables import changes

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select


def journal(family: str, kind: Kind) -> Select[Any]:
    """Each change of a row of ``family``, but for its end: DIRAC has no word for that."""
    return _of(changes.alias("c"), family, kind)


def history(family: str, kind: Kind) -> Select[Any]:
    """Those changes by which a status or an owner became another."""
    c = changes.alias("c")
    return _of(c, family, kind).where(_is_another(c))


def _of(c: Any, family: str, kind: Kind) -> Select[Any]:  # noqa: ANN401 - an alias of a table
    e = named(family, kind, gone=True)
    said = Said(
        c.c.vo, c.c.status_type, c.c.new, c.c.at, c.c.at, as_text(c.c.reasons), None, c.c.token_owner, c.c.token_expires_at
    )
    found = record(e, said, c.c.id.label("ID")).join_from(e, c, c.c.element_id == e.c.id)
    return found.where(c.c.status_type != "", c.c.new.is_not(None))


def _is_another(c: Any) -> ColumnElement[bool]:  # noqa: ANN401
    p = changes.alias("p")
    earlier = and_(p.c.element_id == c.c.element_id, p.c.status_type == c.c.status_type, p.c.vo == c.c.vo, p.c.id < c.c.id)
    before = select(p.c.token_owner).where(earlier).order_by(p.c.id.desc()).limit(1).correlate(c).scalar_subquery()
    # whether a token begins or only changes, the change itself does not tell
    begins = and_(c.c.kind == ChangeKind.TOKEN, c.c.token_owner.is_not(None), before.is_(None))
    return or_(c.c.old.is_(None), c.c.old != c.c.new, c.c.token_from.is_not(None), begins)
