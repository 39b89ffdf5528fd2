"""Custody: what people do with rows. They set them, and take them out of the loop, for another term, and give them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import RowKey
from gridmask.domain.errors import Conflict, NotKnown, StaleRow, StaleWrite
from gridmask.domain.events import StatusSet, TokenExtended, TokenReleased, TokenTaken
from gridmask.domain.row import INHERITED, Row, Rows, follows, left_behind, new_row, split_off, with_rows
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.transition import decree
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.events import Sight
    from gridmask.domain.token import Custom, Token

Dealing = StatusSet | TokenTaken | TokenExtended | TokenReleased
"""What a person does with rows."""


def in_custody(state: State, event: Dealing, now: datetime) -> State:
    """``state`` after ``event``, with no row evaluated yet.

    Raises:
        NotKnown: a row is named that ``state`` cannot have.
        StaleWrite: a row changed after the person saw it.
        Conflict: a token is to be extended that is not the person's.
    """
    rows, custom = state.rows, state.policies.tokens
    for key in event.rows:
        row = _row(state, key, now)
        _require_fresh(row, event.seen)
        kept = rows.get(key.element, NO_ROWS)
        # who follows a row of all follows it in this, too
        heirs = [other for other in kept.values() if follows(other, key) and other.held(now)]
        dealt = [_dealt(row, event, custom, now), *(_followed(heir, event, custom, now) for heir in heirs)]
        if isinstance(event, TokenReleased):
            dealt = [one for one in dealt if (one.key.status_type, one.key.vo) in kept]
        rows = rows.set(key.element, with_rows(kept, *dealt))
    return replace(state, rows=rows)


def _dealt(row: Row, event: Dealing, custom: Custom, now: datetime) -> Row:
    match event:
        case StatusSet(actor=actor, status=status, reason=text, term=term):
            told = Reason(ReasonKind.PERSON, text, source=actor.name, since=now, until=term.until)
            binding = event.binding and row.key.vo == ALL
            token = custom.token(event.holder or actor.name, term, now)
            return replace(row, standing=decree(row.standing, status, now), reasons=(told,), token=token, binding=binding)
        case TokenTaken(actor=actor, term=term):
            token = custom.token(event.holder or actor.name, term, now)
            # what automation has seen so far frees nothing that a person had meanwhile
            standing = replace(row.standing, run=None)
            return replace(row, standing=standing, token=token, reasons=_retold(row, token, _taken(row, event, now)))
        case TokenExtended(actor=actor, reason=text, term=term):
            owned = _owned(row, actor.name, now)
            token = custom.token(actor.name, replace(term, agreed=term.agreed or owned.agreed), now)
            return replace(row, token=token, reasons=_retold(row, token, text))
        case TokenReleased():
            return replace(row, token=None, binding=False) if row.token is not None else row


def _followed(heir: Row, event: Dealing, custom: Custom, now: datetime) -> Row:
    dealt = _dealt(heir, event, custom, now)
    return dealt if INHERITED in dealt.reasons else replace(dealt, reasons=(*dealt.reasons, INHERITED))


def _taken(row: Row, event: TokenTaken, now: datetime) -> str:
    """Why the row is taken, and from whom."""
    if row.token is None or not row.held(now) or row.token.owner == (event.holder or event.actor.name):
        return event.reason
    return f"{event.reason} (taken over from {row.token.owner})"


def _retold(row: Row, token: Token, text: str) -> tuple[Reason, ...]:
    """The reasons of a row that stays as it is, and why it is whose it is now."""
    kept, until = left_behind(row.reasons), token.expires_at
    told = [replace(reason, until=until) if reason.kind is ReasonKind.PERSON else reason for reason in kept]
    if not text:
        mine = (reason for reason in row.reasons if reason.kind is ReasonKind.TOKEN and reason.source == token.owner)
        told.extend(replace(reason, until=until) for reason in mine)
    return (*told, Reason(ReasonKind.TOKEN, text, source=token.owner, until=until)) if text else tuple(told)


def _owned(row: Row, owner: str, now: datetime) -> Token:
    """The token by which ``owner`` holds ``row``.

    Raises:
        Conflict: nobody does, or somebody else.
    """
    if row.token is None or not row.held(now):
        raise Conflict(f"Nobody holds {row.key}, so there is no token to extend. Take it instead.")
    if row.token.owner != owner:
        raise Conflict(f"{row.key} is held by {row.token.owner}. Take it over, if you are to have it.")
    return row.token


def _require_fresh(row: Row, seen: Mapping[RowKey, Sight]) -> None:
    known = seen.get(row.key)
    if isinstance(known, frozenset):
        if row.revision not in known:
            raise StaleRow(str(row.key), known, row.revision, row.status.label)
    elif known is not None and row.revision > known:
        raise StaleWrite(str(row.key), known, row.revision, row.status.label)


def _row(state: State, key: RowKey, now: datetime) -> Row:
    """The row ``key``; where there is none, the one that would begin.

    Raises:
        NotKnown: there cannot be one.
    """
    _require_possible(state, key)
    rows: Rows = state.rows.get(key.element, NO_ROWS)
    general = rows.get((key.status_type, ALL)) or new_row(key._replace(vo=ALL), now)
    return rows.get((key.status_type, key.vo)) or (general if key.vo == ALL else split_off(general, key.vo))


def _require_possible(state: State, key: RowKey) -> None:
    if key.element not in state.elements:
        raise NotKnown(key.element.type, key.element.name, (known.name for known in state.elements))
    declared = state.types.status_types(key.element)
    if key.status_type not in declared:
        raise NotKnown(f"status type of {key.element.type}", key.status_type, declared)
    if key.vo != ALL and key.vo not in state.vos:
        raise NotKnown("VO", key.vo, state.vos)
