"""Forgotten bans: what a person keeps unusable, and no evidence asks for any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.element import RowKey
from gridmask.domain.status import Status, usable
from gridmask.replay.proposals.proposal import FACTS, Fact, Kind, Proposal

if TYPE_CHECKING:
    from gridmask.replay.outcome import Moment, Outcome

LONG = timedelta(days=7)
"""For so long nothing must have asked for it."""

_HOUR = timedelta(hours=1)


def forgotten(outcome: Outcome) -> Iterator[Proposal]:
    """The rows that a person keeps unusable at the end of ``outcome``, while all evidence has spoken for them for long."""
    for key, past in outcome.pasts.items():
        if past.described[-1].element is None:
            continue
        for (aspect, vo), moments in past.rows.items():
            since = _since(moments)
            if since is not None and outcome.until - since >= LONG:
                yield _proposal(RowKey(key, aspect, vo), moments, since, outcome.until)


def _since(moments: Sequence[Moment]) -> datetime | None:
    """Since when a person keeps it unusable for nothing; None: nobody does."""
    since = None
    for one in reversed(moments):
        if one.owner is None or not _is_for_nothing(one):
            break
        since = one.at
    return since


def _is_for_nothing(one: Moment) -> bool:
    """Whether it is not usable, and automation would let it go: at once, or through ``Probing``, as after any ban."""
    if one.status is None or usable(one.status):
        return False
    return usable(one.opinion) or (one.opinion is Status.PROBING and one.status < Status.PROBING)


def _proposal(row: RowKey, moments: Sequence[Moment], since: datetime, until: datetime) -> Proposal:
    last, hours = moments[-1], (until - since) / _HOUR
    status = last.status.label if last.status is not None else ""
    facts = [Fact(one.at, f"{one.owner}: {'; '.join(reason.text for reason in one.reasons)}") for one in _theirs(moments)]
    facts.append(Fact(since, f"From then on, automation would have made it {last.opinion.label}."))
    return Proposal(
        Kind.FORGOTTEN,
        str(row),
        f"Ask {last.owner} whether it must stay {status}: nothing has asked for that for {(until - since).days} days. "
        "To give it back, release the token.",
        {"hours_kept_unusable": round(hours, 1)},
        tuple(sorted(facts, key=lambda fact: fact.at, reverse=True)[:FACTS]),
        weight=hours,
    )


def _theirs(moments: Sequence[Moment]) -> Iterator[Moment]:
    """Whenever somebody did something with it, since it is theirs."""
    before: Moment | None = None
    for one in moments:
        if one.owner is not None and (before is None or (one.owner, one.status) != (before.owner, before.status)):
            yield one
        before = one
