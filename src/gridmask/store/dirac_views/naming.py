"""What elements are called in the views: as :mod:`gridmask.store.dirac_views.names` has it, in the words of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, column, exists, func, literal, not_, select, union_all

from gridmask.domain.vo import ALL
from gridmask.store.dirac_views import shape
from gridmask.store.dirac_views.names import FIRST, QUALIFIED
from gridmask.store.dirac_views.words import short_names, varchar
from gridmask.store.tables import elements, statuses

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Subquery


@dataclass(frozen=True, slots=True)
class Kind:
    """What a set of views is for.

    Attributes:
        computing_type: what computing elements are called as a type.
        on_postgresql: which database they are made for; else it is MariaDB.
    """

    computing_type: str = shape.COMPUTING_TYPES[0]
    on_postgresql: bool = False


def named(family: str, kind: Kind, *, gone: bool) -> Subquery:
    """The elements of ``family`` with their names and types there; ``gone``: those too that left the inventory.

    What has a longer name or type than DIRAC's tables can hold is left out: cut, it could mean something else.
    """
    return union_all(_plain(family, kind, gone=gone), _qualified(family, kind, gone=gone)).subquery("named")


def _plain(family: str, kind: Kind, *, gone: bool) -> Select[Any]:
    e = elements.alias("e")
    if kind.on_postgresql:
        name = varchar(e.c.name, shape.NAME)
        # said to be the same, so that a search by one uses the index of the other
        found = _described(e, name, kind).where(e.c.name == name)
    else:
        short = short_names(e.c.name).table_valued(column("name"), name="short")
        found = _described(e, short.c.name, kind).join_from(e, short, short.c.name == e.c.name)
    return found.where(_wanted(e, family, gone=gone), not_(_stands_behind(e)))


def _qualified(family: str, kind: Kind, *, gone: bool) -> Select[Any]:
    e = elements.alias("e")
    whole = e.c.name + QUALIFIED + e.c.type
    found = _described(e, varchar(whole, shape.NAME), kind)
    return found.where(_wanted(e, family, gone=gone), func.char_length(whole) <= shape.NAME, _stands_behind(e))


def _described(e: Any, name: ColumnElement[str], kind: Kind) -> Select[Any]:  # noqa: ANN401 - an alias of a table
    type_ = case((e.c.type == shape.COMPUTING_TYPES[0], kind.computing_type), else_=e.c.type)
    return select(
        e.c.id,
        name.label("name"),
        varchar(type_, shape.ELEMENT_TYPE).label("type"),
        e.c.in_service,
        e.c.known_since,
    )


def _wanted(e: Any, family: str, *, gone: bool) -> ColumnElement[bool]:  # noqa: ANN401
    which = and_(e.c.family == family, func.char_length(e.c.type) <= shape.ELEMENT_TYPE)
    return which if gone else and_(which, e.c.taken_out_at.is_(None))


def _stands_behind(e: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether the inventory has an element of the same name that goes first, and has a status type in common with ``e``.

    :func:`~gridmask.store.dirac_views.names.told_apart` says the same.
    """
    o, of_one, of_other = elements.alias("o"), statuses.alias("so"), statuses.alias("se")
    alike = (
        exists()
        .where(of_one.c.element_id == o.c.id, of_one.c.vo == ALL)
        .where(of_other.c.element_id == e.c.id, of_other.c.vo == ALL, of_other.c.status_type == of_one.c.status_type)
    )
    same = (o.c.name == e.c.name, o.c.family == e.c.family, o.c.taken_out_at.is_(None), o.c.id != e.c.id)
    return exists().where(*same, _rank(o) < _rank(e), alike.correlate(o, e)).correlate(e)


def _rank(one: Any) -> ColumnElement[str]:  # noqa: ANN401
    known = {type_: str(number) for number, type_ in enumerate(FIRST)}
    return case(known, value=one.c.type, else_=literal(str(len(FIRST))).concat(one.c.type))
