"""Short lives that replays are tried on: an inventory, what is announced of it in the course of a day, and what people do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

from gridmask.domain.actor import Actor
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, is_over
from gridmask.domain.element import WHOLE, RowKey
from gridmask.domain.events import DowntimesChanged, InventoryChanged, StatusSet
from gridmask.domain.status import Status
from gridmask.domain.token import Term
from gridmask.domain.vo import ALL
from gridmask.recording.happening import Happening
from gridmask.replay.gathering import outcome
from gridmask.replay.replaying import Played, otherwise
from gridmask.testing import downtime, element, moment, policies, state
from gridmask.testing.values import DECLARED_DOWNTIMES
from tests.unit.domain import strategies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gridmask.domain.element import Element
    from gridmask.domain.policy import PolicySet
    from gridmask.domain.state import State
    from gridmask.replay.outcome import Outcome

few = settings(max_examples=max(2, settings().max_examples // 3))
"""A whole day is played for each example, often twice: a third of them has to do."""

SINCE, UNTIL = moment("00:00"), moment("2026-08-22T00:00")
CHOSEN = strategies.CE
"""What people do something with, of any life."""

CE = element("ce", facts={"cores": 100}, site="North")
FRESH = policies(DECLARED_DOWNTIMES)
PERSON = Actor.administrator("operator")


@dataclass(frozen=True)
class Life:
    """What there is at first, and what happens."""

    first: State
    happenings: tuple[Happening, ...]

    def played(self, under: PolicySet = FRESH) -> list[Played]:
        """It under policies."""
        return list(otherwise(self.first, self.happenings, under, SINCE, UNTIL))

    def outcome(self, under: PolicySet = FRESH) -> Outcome:
        """What becomes of it."""
        return outcome(self.first, self.played(under), SINCE, UNTIL)


def life(*happenings: Happening, elements: Sequence[Element] = (CE,), vos: Iterable[str] = ()) -> Life:
    """The life of ``elements``."""
    return Life(replace(state(*elements, vos=vos), types=strategies.TYPES), tuple(sorted(happenings, key=lambda one: one.at)))


def announced(at: str, *some: Downtime, instead_of: Sequence[Downtime] = ()) -> Happening:
    """That ``some`` were published, in place of others."""
    before = {one.key: one for one in instead_of}
    added = tuple(one for one in some if one.key not in before)
    edited = tuple(one for one in some if one.key in before)
    return Happening(moment(at), DowntimesChanged("feed", Difference(added, edited), before))


def withdrawn(at: str, one: Downtime) -> Happening:
    """That ``one`` is published no more."""
    return Happening(moment(at), DowntimesChanged("feed", Difference(withdrawn=(one.key,)), {one.key: one}))


def by_hand(at: str, status: Status, of: Element = CE, vo: str = ALL, until: str | None = None) -> Happening:
    """That a person set a status."""
    term = Term(moment(until) if until else None)
    return Happening(moment(at), StatusSet(PERSON, (RowKey(of.key, WHOLE, vo),), status, "Decided.", term))


def outage(start: str, end: str | None, record: str = "1", **attributes: Any) -> Downtime:  # noqa: ANN401
    """An outage of :data:`CE`."""
    return downtime(start, end, CE, record=record, **attributes)


# --- Any life

fives = st.integers(0, 287).map(lambda count: SINCE + count * timedelta(minutes=5))


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Lives in which, at any time, downtimes are published, edited and withdrawn, elements edited, and statuses set."""
    elements = [replace(one, offered=draw(strategies.some_vos)) for one in strategies.ELEMENTS[:2]]
    known: dict[DowntimeKey, Downtime] = {}
    beginning = tuple(elements)
    happenings = [_coming(draw, at, known, elements) for at in sorted(draw(st.lists(fives, max_size=6, unique=True)))]
    return life(*happenings, elements=beginning, vos=strategies.VOS)


def _coming(draw: st.DrawFn, at: datetime, known: dict[DowntimeKey, Downtime], elements: list[Element]) -> Happening:
    what = draw(st.sampled_from(["downtime", "downtime", "downtime", "inventory", "person"]))
    if what == "inventory":
        place = draw(st.integers(0, len(elements) - 1))
        elements[place] = replace(elements[place], offered=draw(strategies.some_vos), in_service=draw(st.booleans()))
        return Happening(at, InventoryChanged("inventory", edited=(elements[place],)))
    if what == "person":
        until = draw(st.none() | strategies.minutes(5, 240).map(lambda ahead: at + ahead))
        rows = (RowKey(CHOSEN.key, WHOLE, draw(strategies.whom)),)
        return Happening(at, StatusSet(PERSON, rows, draw(strategies.statuses), "Decided.", Term(until), draw(st.booleans())))
    one = draw(strategies.downtimes(at, ("feed",)))
    before = known.get(one.key)
    if before is None or draw(st.booleans()):
        known[one.key] = one
        change = Difference(added=() if before else (one,), edited=(one,) if before else ())
    else:
        del known[one.key]
        change = Difference(withdrawn=() if is_over(before, at) else (one.key,))
    return Happening(at, DowntimesChanged("feed", change, {one.key: before} if before else {}))


policy_sets = strategies.guarded_sets


def grid(start: datetime = SINCE, end: datetime = UNTIL) -> Iterator[datetime]:
    """Every five minutes: nothing happens between them."""
    while start < end:
        yield start
        start += timedelta(minutes=5)
