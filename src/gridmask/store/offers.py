"""Offers as conditions of SQL: what of the past a VO is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import String, func, or_, select, true, type_coerce

from gridmask.domain.vo import ALL
from gridmask.store.tables import changes, elements
from gridmask.store.tables import element_versions as versions

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

EVERYONE = "[]"
"""How it is kept that an element is offered to every VO."""


def told_to(vo: str) -> ColumnElement[bool]:
    """That a change is one of ``vo``'s own rows, or of an element that was offered to it once the change was made.

    It is about a question that joins ``changes`` and ``elements``. Where it is not kept what an element was offered to then, it
    is taken to be what it is now.
    """
    if vo == ALL:
        return true()
    of_it = (versions.c.element_id == changes.c.element_id) & (versions.c.revision <= changes.c.revision)
    last = select(type_coerce(versions.c.offered, String)).where(of_it).order_by(versions.c.revision.desc()).limit(1)
    then = func.coalesce(last.correlate(changes).scalar_subquery(), type_coerce(elements.c.offered, String))
    # texts are compared letter by letter thus, whatever the database
    named = func.replace(then, msgspec.json.encode(vo).decode(), "") != then
    return or_(changes.c.vo == vo, then == EVERYONE, named)
