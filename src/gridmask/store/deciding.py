"""How often each policy decided, and had rows flap: counted over the newest decisions, without reading what nobody asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from anyio import to_thread
from sqlalchemy import Text, select, type_coerce

from gridmask.domain.status import Status, usable
from gridmask.store.tables import decisions

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 50_000
"""So many decisions are counted, the newest; a history can hold any number."""

CHUNK = 5_000
"""So many are read at once."""

AGAIN_WITHIN = timedelta(days=1)
"""Who makes a row unusable again so soon after it was made so, and was let go, has it flap."""

_Place = tuple[int, str, str]
"""A row in the database: its element, status type and VO."""


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
        flaps: how often it asked to make a row unusable again, within :data:`AGAIN_WITHIN` of the time before; likewise.
    """

    times: Mapping[Deciding, int]
    since: datetime
    is_whole: bool = True
    flaps: Mapping[Deciding, int] = field(default_factory=dict)


class _Vote(msgspec.Struct):
    """What counts of a verdict; all else is passed over where it is read."""

    policy: str
    layer: str
    status: int
    advisory: bool = False


_read = msgspec.json.Decoder(tuple[_Vote, ...]).decode


async def counted(
    connection: AsyncConnection, since: datetime, most: int = MOST, vos: Collection[str] | None = None
) -> Counted:
    """How often each policy decided ``since`` then, in no more than the newest ``most`` decisions.

    ``vos``: of rows of these alone.
    """
    counting = _Counting(since)
    row = decisions.c.element_id, decisions.c.status_type, decisions.c.vo
    columns = decisions.c.id, decisions.c.at, *row, type_coerce(decisions.c.verdicts, Text)
    # numbers grow with time: from the newest on, what lies far back is never looked at
    newest = select(*columns).order_by(decisions.c.id.desc())
    newest = newest if vos is None else newest.where(decisions.c.vo.in_(sorted(vos)))
    question, left, reached = newest, most, since
    while found := (await connection.execute(question.limit(min(CHUNK, left + 1)))).all():
        # beside the event loop, which has others to serve
        await to_thread.run_sync(counting.take, found[:left])
        if found[-1].at < since:
            break
        if len(found) > left:
            return counting.counted(reached if not left else found[left - 1].at, is_whole=False)
        left, reached = left - len(found), found[-1].at
        question = newest.where(decisions.c.id < found[-1].id)
    return counting.counted(since, is_whole=True)


class _Counting:
    """Counts who decided, and who made rows unusable again and again, while decisions come from the newest to the oldest."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._times: Counter[Deciding] = Counter()
        self._flaps: Counter[Deciding] = Counter()
        self._asked: dict[_Place, tuple[datetime, list[Deciding]]] = {}
        self._taken: dict[_Place, tuple[datetime, list[Deciding]]] = {}

    def take(self, found: Sequence[Any]) -> None:
        """Count these decisions, each a record of what :func:`counted` asks for."""
        for _, at, element, status_type, vo, verdicts in found:
            if at >= self._since:
                status, winners = _outcome(verdicts)
                deciding = [Deciding(vo, layer, policy) for layer, policy in winners]
                self._times.update(deciding)
                self._look_back((element, status_type, vo), at, status, deciding)

    def counted(self, since: datetime, *, is_whole: bool) -> Counted:
        """What was counted, of all ``since`` then."""
        return Counted(self._times, since, is_whole, self._flaps)

    def _look_back(self, row: _Place, at: datetime, status: Status | None, deciding: list[Deciding]) -> None:
        """One decision further back: what was asked for of ``row`` at ``at``, and by whom."""
        if status is None or status is Status.UNKNOWN:
            return
        if not usable(status):
            self._asked[row] = at, deciding
        elif asked := self._asked.pop(row, None):
            # it was usable until then: that is when it was taken
            later = self._taken.get(row)
            if later is not None and later[0] - asked[0] <= AGAIN_WITHIN:
                self._flaps.update(later[1])
            self._taken[row] = asked


def _outcome(verdicts: str) -> tuple[Status | None, list[tuple[str, str]]]:
    """The status that policies asked for, and by which of them; None: none had a say."""
    voting = [vote for vote in _read(verdicts) if not vote.advisory]
    status = min((vote.status for vote in voting), default=None)
    winners = [(vote.layer, vote.policy) for vote in voting if vote.status == status]
    return None if status is None else Status(status), winners
