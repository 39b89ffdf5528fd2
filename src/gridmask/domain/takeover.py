"""Taking over: rows as another system had them that decided until now, and what had become of them there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason
from gridmask.domain.element import RowKey
from gridmask.domain.row import INHERITED, Row, Rows, new_row, with_rows
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.status import Status
from gridmask.domain.token import Term
from gridmask.domain.transition import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.instructions import ChangeKind
    from gridmask.domain.token import Custom, Token

_OWING = frozenset({Status.BANNED, Status.PROBING})


@dataclass(frozen=True, slots=True)
class Former:
    """A row as it was elsewhere.

    Attributes:
        key: its identity.
        status, since: what it was, and since when.
        reason: why.
        owner: the person whose it was; None: automation's.
        until: when that ends; None: when it is released.
        follows: whether it is a VO's that was seen as that of ``all`` there: who holds that holds it for no other reason.
    """

    key: RowKey
    status: Status
    since: datetime
    reason: Reason
    owner: str | None = None
    until: datetime | None = None
    follows: bool = False

    def is_held(self, now: datetime) -> bool:
        """Whether a person still holds it."""
        return self.owner is not None and (self.until is None or now < self.until)

    def is_as(self, row: Row | None, now: datetime) -> bool:
        """Whether ``row`` says the same already, with times to the second: more is not kept everywhere."""
        if row is None or (row.status, to_the_second(row.standing.since)) != (self.status, to_the_second(self.since)):
            return False
        if not self.is_held(now):
            return not row.held(now)
        token = row.token
        return token is not None and (token.owner, to_the_second(token.expires_at)) == (self.owner, to_the_second(self.until))

    def upon(self, row: Row, custom: Custom, now: datetime) -> Row:
        """``row`` as it goes on from here: at once up to automation, unless a person holds it.

        What was banned must prove itself, by whatever rules the ban came about.
        """
        standing = Standing(self.status, self.since, self.status in _OWING)
        # verdicts of before the takeover stay until the next ones: nothing was evaluated
        token = self._token(custom, now)
        reasons = (self.reason, INHERITED) if self.follows and token else (self.reason,)
        return replace(row, standing=standing, reasons=reasons, token=token, binding=False, hold=None, due=now)

    def _token(self, custom: Custom, now: datetime) -> Token | None:
        return custom.token(self.owner, Term(self.until), now) if self.owner and self.is_held(now) else None


def to_the_second(moment: datetime | None) -> datetime | None:
    """The second in which ``moment`` is: more is not kept everywhere."""
    return moment.replace(microsecond=0) if moment else None


def taken_over(state: State, rows: Iterable[Former], now: datetime) -> State:
    """``state`` with ``rows`` in it, whether or not the inventory has their elements; none is evaluated."""
    draft = state.rows.mutate()
    for former in rows:
        there: Rows = draft.get(former.key.element, NO_ROWS)
        row = there.get((former.key.status_type, former.key.vo)) or new_row(former.key, now)
        draft[former.key.element] = with_rows(there, former.upon(row, state.policies.tokens, now))
    return replace(state, rows=draft.finish())


@dataclass(frozen=True, slots=True)
class Past:
    """A change of a row that happened elsewhere, before anything of ours.

    Attributes:
        key: whose change it is.
        kind: what happened.
        at: when.
        old, new: the status before and after.
        reason: why; its ``record`` says where it stood.
        owner, until: whose the row was from then on, and until when; None: automation's.
        owner_before: whose it was, if another's.
    """

    key: RowKey
    kind: ChangeKind
    at: datetime
    old: Status | None
    new: Status
    reason: Reason
    owner: str | None = None
    until: datetime | None = None
    owner_before: str | None = None
