"""Rows: the status of one element's status type for one VO, with all that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gridmask.domain.damping import Penalty
from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.guard import Hold
from gridmask.domain.making import quickly_made
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.domain.vo import ALL


@quickly_made
@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        key: its identity.
        standing: its status, and what it owes.
        reasons: why it has that status.
        verdicts: what the policies last said, winners and losers.
        opinion: the status that automation would give it; differs from the status only while a person holds the row.
        token: whose it is, if a person's.
        binding: on a row of ``all``: whether it outranks every VO's row (promise V4).
        due: when it may become another without anything new being learnt.
        policy_revision: the revision of the policies that it was last judged by: those in force when it became what it is, or
            later ones that changed what has a say about it. Judged by what is in force now, it would be the same.
        revision: the last revision that changed its status, token or binding; 0 before the first.
    """

    key: RowKey
    standing: Standing
    reasons: tuple[Reason, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    opinion: Status = Status.UNKNOWN
    token: Token | None = None
    binding: bool = False
    due: datetime | None = None
    policy_revision: str = ""
    revision: int = 0
    hold: Hold | None = None
    penalty: Penalty | None = None

    @property
    def status(self) -> Status:
        """Its status."""
        return self.standing.status

    def held(self, now: datetime) -> bool:
        """Whether a person holds it."""
        return self.token is not None and self.token.holds(now)


INHERITED = Reason(ReasonKind.INHERITED, "Taken over from the row of all, when this row began.")
"""Marks a row that a person holds for no other reason."""

Rows = Mapping[tuple[str, str], Row]
"""The rows of one element, by status type and VO."""


def new_row(key: RowKey, now: datetime) -> Row:
    """The first row of a new element: nothing is known yet."""
    return Row(key, Standing(Status.UNKNOWN, now), (Reason(ReasonKind.NEW, "Not evaluated yet."),))


def split_off(row: Row, vo: str) -> Row:
    """A row of its own for ``vo``, with the full state of ``row``, which is one of ``all`` (promise V3).

    Where a person holds ``row``, that is taken over, too; what the person does with ``row`` later holds for both.
    """
    reasons = (*row.reasons, INHERITED) if row.token else row.reasons
    return replace(row, key=row.key._replace(vo=vo), reasons=reasons, binding=False)


def left_behind(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """``reasons`` of a row that stays as it is although nobody holds it any more: those that told of its holder are over."""
    return tuple(reason for reason in reasons if reason.kind not in {ReasonKind.TOKEN, ReasonKind.INHERITED})


def on_its_own(row: Row) -> Row:
    """``row``, should it have followed one of ``all``, from the moment on when nobody holds that any more."""
    # to compare whole reasons takes longer, and is seldom called for
    if not any(reason.kind is ReasonKind.INHERITED for reason in row.reasons):
        return row
    return replace(row, reasons=tuple(reason for reason in row.reasons if reason != INHERITED))


def with_rows(rows: Rows, *changed: Row) -> Rows:
    """``rows`` with ``changed`` ones in their places."""
    return {**rows, **{(row.key.status_type, row.key.vo): row for row in changed}}


def of_another(row: Row, element: ElementKey) -> Row:
    """``row`` as a row of ``element``, which is what its element is called now."""
    return replace(row, key=row.key._replace(element=element))


def follows(row: Row, general: RowKey) -> bool:
    """Whether a person holds ``row`` only because the person held ``general``, a row of ``all``, when ``row`` began."""
    return general.vo == ALL and row.key.status_type == general.status_type and INHERITED in row.reasons


def seen_by(vo: str, status_type: str, rows: Rows) -> Row | None:
    """The row that a reader asking for ``vo`` gets (promises V1, V4).

    Its own where it exists, else that of ``all``; a binding row of ``all`` before any other.
    """
    general = rows.get((status_type, ALL))
    if general is not None and general.binding:
        return general
    return rows.get((status_type, vo), general)
