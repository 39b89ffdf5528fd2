"""What the views of the present select: a record for each row that a reader has to see, so that it gets what masks say.

A reader takes the records of its VO, and for what these do not speak of, those of ``all``. So
- a row of a VO that a binding row of ``all`` outranks is told as that (promise V4);
- all status types of an element are told for a VO once one is: readers pass over what is incomplete, to fall back on ``all``;
- what is not offered to a VO is told as banned for it, since what is not told at all would fall back on ``all``, too;
- what is out of service is told as banned: readers that ask for many at once get nothing where one is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CompoundSelect, and_, case, exists, false, func, literal, not_, or_, select, union_all

from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.store.dirac_views.naming import Kind, named
from gridmask.store.dirac_views.records import Said, record
from gridmask.store.dirac_views.words import as_text, position
from gridmask.store.tables import audit, changes, decisions, elements, statuses, sweeps, vos

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

OUT_OF_SERVICE = "Its inventory says that it is out of service."
NOBODYS = "[]"
"""How it is kept that an element is offered to no VO in particular."""


def present(family: str, kind: Kind) -> CompoundSelect[Any]:
    """The records of ``family`` as they are now."""
    return union_all(_of_all(family, kind), _of_vos(family, kind), _not_offered(family, kind))


def _of_all(family: str, kind: Kind) -> Select[Any]:
    e, g = named(family, kind, gone=False), statuses.alias("g")
    said = Said(
        vo=g.c.vo,
        status_type=g.c.status_type,
        status=_status(e, g.c.status),
        since=_latest(g.c.since, _edited(e)),
        checked=_latest(g.c.since, _swept(), _decided(g, g.c.vo)),
        reasons=as_text(g.c.reasons),
        instead=_instead(e),
        owner=g.c.token_owner,
        until=g.c.token_expires_at,
    )
    return record(e, said).join_from(e, g, g.c.element_id == e.c.id).where(g.c.vo == ALL)


def _of_vos(family: str, kind: Kind) -> Select[Any]:
    """For each VO with a row of an element, all status types of it: the VO's own, else those of ``all``."""
    e, x = named(family, kind, gone=False), elements.alias("x")
    k, g, r = statuses.alias("k"), statuses.alias("g"), statuses.alias("r")
    own = and_(r.c.element_id == g.c.element_id, r.c.status_type == g.c.status_type, r.c.vo == k.c.vo)
    general = or_(g.c.binding, r.c.vo.is_(None))
    return (
        record(e, _of_either(e, k, g, r, general))
        .join_from(e, k, k.c.element_id == e.c.id)
        .join(x, x.c.id == e.c.id)
        .join(g, g.c.element_id == e.c.id)
        .outerjoin(r, own)
        .where(k.c.vo != ALL, g.c.vo == ALL, _is_first(k), or_(as_text(x.c.offered) == NOBODYS, _offers(x, k.c.vo)))
    )


def _of_either(e: Any, k: Any, g: Any, r: Any, general: ColumnElement[bool]) -> Said:  # noqa: ANN401 - aliases of tables
    def either(name: str) -> ColumnElement[Any]:
        return case((general, g.c[name]), else_=r.c[name])

    since = either("since")
    row = {name: either(name) for name in ("status", "reasons", "token_owner", "token_expires_at")}
    return Said(
        vo=k.c.vo,
        status_type=g.c.status_type,
        status=_status(e, row["status"]),
        since=_latest(since, _edited(e), _revised(g, r), _ended(k, g, r)),
        checked=_latest(since, _swept(), _decided(g, case((general, ALL), else_=k.c.vo))),
        reasons=as_text(row["reasons"]),
        instead=_instead(e),
        owner=row["token_owner"],
        until=row["token_expires_at"],
    )


def _not_offered(family: str, kind: Kind) -> Select[Any]:
    """For each VO to which an element is not offered, that it is banned."""
    e, x, g, v = named(family, kind, gone=False), elements.alias("x"), statuses.alias("g"), vos.alias("v")
    offered = as_text(x.c.offered)
    bare = func.replace(func.replace(func.replace(func.replace(offered, "[", ""), "]", ""), '"', ""), ",", ", ")
    why = literal("Not offered to ").concat(v.c.name).concat(", only to ").concat(bare).concat(".")
    said = Said(
        vo=v.c.name,
        status_type=g.c.status_type,
        status=literal(int(Status.BANNED)),
        since=_latest(g.c.since, _edited(e)),
        checked=_latest(g.c.since, _swept()),
        instead=why,
    )
    return (
        record(e, said)
        .join_from(e, x, x.c.id == e.c.id)
        .join(v, and_(v.c.name != ALL, v.c.retired_at.is_(None)))
        .join(g, g.c.element_id == e.c.id)
        .where(offered != NOBODYS, g.c.vo == ALL, not_(_offers(x, v.c.name)))
    )


def _status(e: Any, status: ColumnElement[int]) -> ColumnElement[int]:  # noqa: ANN401
    return case((e.c.in_service == false(), int(Status.BANNED)), else_=status)


def _instead(e: Any) -> ColumnElement[str | None]:  # noqa: ANN401
    """What is told in place of reasons; null: they are."""
    return case((e.c.in_service == false(), OUT_OF_SERVICE), else_=None)


def _offers(x: Any, vo: ColumnElement[str]) -> ColumnElement[bool]:  # noqa: ANN401
    return position(as_text(x.c.offered), literal('"').concat(vo).concat('"')) > 0


def _is_first(k: Any) -> ColumnElement[bool]:  # noqa: ANN401
    """Whether ``k`` is the first row of its element and VO: each pair is to be met once."""
    other = statuses.alias("k2")
    same = and_(other.c.element_id == k.c.element_id, other.c.vo == k.c.vo)
    return not_(exists().where(same, other.c.status_type < k.c.status_type).correlate(k))


def _latest(first: ColumnElement[Any], *others: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.greatest(first, *(func.coalesce(other, first) for other in others))


def _edited(e: Any) -> ColumnElement[Any]:  # noqa: ANN401
    """When its inventory last said something else of an element than when it came: its records may be others since then."""
    c = changes.alias("ce")
    last = select(func.max(c.c.at)).where(c.c.element_id == e.c.id, c.c.status_type == "", c.c.vo == "")
    return last.where(c.c.at > e.c.known_since).correlate(e).scalar_subquery()


def _revised(g: Any, r: Any) -> ColumnElement[Any]:  # noqa: ANN401
    """When the row of ``all`` became what it is, if after the VO's own: it may have begun, or ceased, to bind."""
    made = select(audit.c.at).where(audit.c.revision == g.c.revision).correlate(g).scalar_subquery()
    return case((g.c.revision > r.c.revision, made), else_=None)


def _ended(k: Any, g: Any, r: Any) -> ColumnElement[Any]:  # noqa: ANN401
    """When a VO's row ended in whose place that of ``all`` is told."""
    c = changes.alias("cv")
    of_row = and_(c.c.element_id == g.c.element_id, c.c.status_type == g.c.status_type, c.c.vo == k.c.vo)
    last = select(func.max(c.c.at)).where(of_row).correlate(g, k).scalar_subquery()
    return case((r.c.vo.is_(None), last), else_=None)


def _swept() -> ColumnElement[Any]:
    return select(sweeps.c.at).order_by(sweeps.c.id.desc()).limit(1).scalar_subquery()


def _decided(row: Any, vo: Any) -> ColumnElement[Any]:  # noqa: ANN401
    d = decisions.alias("d")
    of_row = and_(d.c.element_id == row.c.element_id, d.c.status_type == row.c.status_type, d.c.vo == vo)
    return select(d.c.at).where(of_row).order_by(d.c.id.desc()).limit(1).scalar_subquery()
