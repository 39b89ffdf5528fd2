"""No ban ends by itself without its Probing."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from gridmask.domain.decision import combine
from gridmask.domain.element import RowKey
from gridmask.domain.events import StatusSet
from gridmask.domain.row import Row
from gridmask.domain.status import Status, usable
from gridmask.domain.transition import ProbingExit
from gridmask.domain.vo import ALL
from tests.unit.domain.oracles.taken import Taken


class Seen(NamedTuple):
    """What a reader saw from a moment on."""

    at: datetime
    row: Row
    held: bool

    @property
    def is_ban(self) -> bool:
        """Whether automation must lead through Probing what the reader saw."""
        combination = combine(self.row.verdicts)
        by_itself = combination.lasting and combination.status is Status.BANNED
        return self.row.status is Status.PROBING or (self.row.status is Status.BANNED and (self.held or by_itself))

    @property
    def is_good_check(self) -> bool:
        return self.row.status is Status.PROBING and not self.held and usable(combine(self.row.verdicts).status)


class Watch:
    """What each reader saw, as time went by."""

    def __init__(self) -> None:
        self._seen: dict[RowKey, list[Seen]] = {}

    def look(self, taken: Taken) -> None:
        """Note what each reader sees, binding rows apart, and object to what has come free unduly."""
        state = taken.after
        # what becomes of a VO that people let go is up to them
        self._seen = {key: story for key, story in self._seen.items() if key.vo == ALL or key.vo in state.vos}
        for element_key in state.elements:
            for status_type in state.types.status_types(element_key):
                for vo in (ALL, *state.vos):
                    self._note(RowKey(element_key, status_type, vo), taken)

    def _note(self, key: RowKey, taken: Taken) -> None:
        rows = taken.after.rows[key.element]
        row = rows.get((key.status_type, key.vo)) or rows[key.status_type, ALL]
        story = self._seen.setdefault(key, [])
        if story and story[-1].row == row:
            return
        paid = has_paid(story, taken.now, taken.after.policies.probing)
        if row.key.vo != key.vo and paid:
            story[:] = self._seen[key._replace(vo=ALL)][:-1]  # who owes nothing goes on as `all` does
            paid = has_paid(story, taken.now, taken.after.policies.probing)
        story.append(Seen(taken.now, row, row.held(taken.now)))
        # people are not bound, even where automation agrees with them at once
        # and where its own row is set free and ends at once, what the reader sees is the row of all
        meant = {key, row.key, row.key._replace(vo=ALL)}
        set_free = isinstance(taken.event, StatusSet) and not meant.isdisjoint(taken.event.rows)
        assert paid or set_free or not usable(row.status) or row.held(taken.now), story[-6:]


def has_paid(story: list[Seen], now: datetime, exit_: ProbingExit) -> bool:
    """Whether what a reader saw until ``now`` may become usable by itself (promise D2)."""
    if not any(seen.is_ban for seen in takewhile(lambda seen: not usable(seen.row.status), reversed(story))):
        return True
    good = [seen.at for seen in takewhile(lambda seen: seen.is_good_check, reversed(story))]
    return bool(good) and now - good[-1] >= exit_.dwell and _spaced([*reversed(good), now], exit_) >= exit_.checks


def _spaced(moments: list[datetime], exit_: ProbingExit) -> int:
    """How many of ``moments`` are far enough apart to count."""
    counted = moments[:1]
    for moment in moments[1:]:
        if moment >= counted[-1] + exit_.spacing and moment > counted[-1]:
            counted.append(moment)
    return len(counted)
