"""How often each policy decided: counted over the newest decisions, without reading what nobody asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import Text, select, type_coerce

from gridmask.store.tables import decisions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 50_000
"""So many decisions are counted, the newest; a history can hold any number."""

CHUNK = 5_000
"""So many are read at once."""


class Deciding(NamedTuple):
    """A policy, by its layer and name, that was among those which decided a row of ``vo``."""

    vo: str
    layer: str
    policy: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How often policies decided.

    Attributes:
        times: by policy and VO of the row.
        since: since when every decision was counted.
        is_whole: whether that is as far back as was asked for.
    """

    times: Mapping[Deciding, int]
    since: datetime
    is_whole: bool = True


class _Vote(msgspec.Struct):
    """What counts of a verdict; all else is passed over where it is read."""

    policy: str
    layer: str
    status: int
    advisory: bool = False


_read = msgspec.json.Decoder(tuple[_Vote, ...]).decode


async def counted(connection: AsyncConnection, since: datetime, most: int = MOST) -> Counted:
    """How often each policy decided ``since`` then, in no more than the newest ``most`` decisions."""
    times: Counter[Deciding] = Counter()
    columns = decisions.c.id, decisions.c.at, decisions.c.vo, type_coerce(decisions.c.verdicts, Text)
    # numbers grow with time: from the newest on, what lies far back is never looked at
    question, left, reached = select(*columns).order_by(decisions.c.id.desc()), most, since
    while found := (await connection.execute(question.limit(min(CHUNK, left + 1)))).all():
        for _, at, vo, verdicts in found[:left]:
            if at >= since:
                times.update(Deciding(vo, layer, policy) for layer, policy in _winners(verdicts))
        if found[-1].at < since:
            break
        if len(found) > left:
            return Counted(times, reached if not left else found[left - 1].at, is_whole=False)
        left, reached = left - len(found), found[-1].at
        question = select(*columns).order_by(decisions.c.id.desc()).where(decisions.c.id < found[-1].id)
    return Counted(times, since)


def _winners(verdicts: str) -> Iterator[tuple[str, str]]:
    voting = [vote for vote in _read(verdicts) if not vote.advisory]
    status = min((vote.status for vote in voting), default=None)
    return ((vote.layer, vote.policy) for vote in voting if vote.status == status)
