"""Grouping: how what happens becomes messages. Pure: the state, what came, and the time give the next state, and messages.

What comes waits in a *group* until its time is over, and goes as a *parcel* to each address. An address takes parcels when its
hours and its cap allow it: each as a message of its own, but in one those that had to wait; and all, where there are more than
it may have.

The state knows of what waits only in which *pile* it is, and how much that is: so it stays small, whatever waits. What is in
piles that are not at hand is left for the next time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from gridmask.actions.notify.items import Item, items_of, joined
from gridmask.actions.notify.piles import Pile, Piles, size_of

if TYPE_CHECKING:
    from gridmask.actions.notify.plans import Plans
    from gridmask.domain.news import News

MOST_IN_ONE = 10_000
"""So many events a message tells at most, however many an address may be told: more would not pass through every database."""

MOST_TO_JOIN = 250
"""What waits longer is put together up to so many events: more would be read and written again too often."""

LOOK_AGAIN = timedelta(seconds=20)
"""How long to wait before looking again whether an address was told what it was sent."""


class GroupKey(NamedTuple):
    """Which group: of which plan, of what, and for which addresses."""

    plan: str
    name: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What was gathered, and until when it is."""

    due: datetime
    pile: Pile


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a group came to, from when on it can be told to an address. ``is_late``: that was later than it was there."""

    plan: str
    group: str
    ready: datetime
    pile: Pile
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """What waits for an address.

    Attributes:
        sent: when it was sent something, as far as that counts for its cap.
        parcels: what it has yet to be sent.
        open: of how many of those that were sent last it is not known yet that it was told them.
    """

    sent: tuple[datetime, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    open: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Everything that waits.

    Attributes:
        position: the number of the last news that came in.
        groups: what is gathered.
        boxes: what waits for each address.
    """

    position: int = 0
    groups: tuple[tuple[GroupKey, Group], ...] = ()
    boxes: Mapping[str, Box] = field(default_factory=dict)

    def piles(self) -> Iterator[int]:
        """The numbers of all piles that wait; some more than once."""
        yield from (group.pile.number for _, group in self.groups)
        yield from (parcel.pile.number for box in self.boxes.values() for parcel in box.parcels)


@dataclass(frozen=True, slots=True)
class Part:
    """What a message tells of a group: a parcel, or as much of it as there is room for."""

    plan: str
    group: str
    items: tuple[Item, ...]

    @property
    def size(self) -> int:
        """How many events it tells."""
        return size_of(self.items)


@dataclass(frozen=True, slots=True)
class Message:
    """Something that an address is to be told now. Parts of several plans or groups: a digest."""

    to: str
    parts: tuple[Part, ...]

    @property
    def plans(self) -> tuple[str, ...]:
        """The plans that it comes from."""
        return tuple(dict.fromkeys(part.plan for part in self.parts))


Additions = Mapping[GroupKey, Sequence[Item]]
"""What comes to groups."""


def assigned(news: Iterable[News], plans: Plans, position: int) -> Additions:
    """To which groups ``news`` after ``position`` belong. Of several plans, the first tells an address of something."""
    additions: dict[GroupKey, list[Item]] = {}
    for one in news:
        if one.number > position:
            position = one.number
            _assign(one, plans, additions)
    return additions


def _assign(news: News, plans: Plans, additions: dict[GroupKey, list[Item]]) -> None:
    """Find the groups that the items of ``news`` belong to."""
    told: dict[str, set[str]] = {}
    for plan in plans.plans:
        chosen = plan.condition.chosen(news).news
        for item in items_of(chosen) if chosen else ():
            known = told.setdefault(item.steps[0].id, set())
            to = tuple(address for address in plan.to if address not in known)
            if to:
                known.update(to)
                additions.setdefault(GroupKey(plan.name, plan.group_of(item.subject), to), []).append(item)


def gathering(state: State, additions: Additions) -> Iterator[Pile]:
    """The piles that have to be at hand for ``additions``."""
    yield from (group.pile for key, group in state.groups if key in additions)


def absorb(state: State, additions: Additions, position: int, plans: Plans, now: datetime, piles: Piles) -> State:
    """``state`` with what comes to groups, of the news up to ``position``. One that is full waits no longer."""
    groups, boxes = dict(state.groups), dict(state.boxes)
    for key, items in additions.items():
        plan, known = plans.called(key.plan), groups.get(key)
        assert plan is not None  # it was assigned by it
        due = known.due if known else now + plan.wait
        gathered = joined((*(piles[known.pile] if known else ()), *items))
        groups[key] = group = Group(due, piles.put(gathered))
        if group.pile.size >= MOST_IN_ONE:
            del groups[key]
            _parcel_out(key, group, plans, boxes, now, piles)
    return replace(state, position=max(state.position, position), groups=tuple(groups.items()), boxes=boxes)


def due(state: State, plans: Plans, now: datetime, busy: frozenset[str] = frozenset()) -> Iterator[Pile]:
    """The piles that it takes for what is due at ``now``, the first ones first; see :func:`mature`."""
    for key, group in state.groups:
        if group.due <= now:
            yield group.pile
            yield from (p.pile for to in key.to for p in state.boxes.get(to, Box()).parcels if _can_take(p, key))
    for address, there in state.boxes.items():
        box = _noted(there, now, is_busy=address in busy)
        free = plans.cap(address).most - len(_counting(address, box, plans, now))
        room = 0 if box.open else free * _largest(address, plans)
        for parcel in _ready(box, now):
            if room <= 0:
                break
            yield parcel.pile
            room -= parcel.pile.size


def mature(state: State, plans: Plans, now: datetime, busy: frozenset[str], piles: Piles) -> tuple[State, list[Message]]:
    """What is due at ``now``, as messages, and what waits then. ``busy``: who was not told yet what they were sent.

    What waits for an address that no plan names any more is given up.
    """
    known = plans.addresses
    boxes = {address: box for address, box in state.boxes.items() if address in known}
    waiting: list[tuple[GroupKey, Group]] = []
    for key, group in state.groups:
        if group.due > now or group.pile not in piles:
            waiting.append((key, group))
        else:
            _parcel_out(key, group, plans, boxes, now, piles)
    messages: list[Message] = []
    for address, box in boxes.items():
        boxes[address], sent = _sent(address, _noted(box, now, is_busy=address in busy), plans, now, piles)
        messages.extend(sent)
    kept = {address: box for address, box in boxes.items() if box != Box()}
    return replace(state, groups=tuple(waiting), boxes=kept), messages


def _parcel_out(key: GroupKey, group: Group, plans: Plans, boxes: dict[str, Box], now: datetime, piles: Piles) -> None:
    items, plan = piles[group.pile], plans.called(key.plan)
    if plan is not None and plan.drop_flaps:
        items = tuple(item for item in items if not item.is_back)
    # a plan that is gone from the settings has no hours any more; what it gathered is told all the same
    ready = plan.hours.next(now) if plan else now
    for some in _loads(items):
        pile = group.pile if len(some) == len(piles[group.pile]) else piles.put(some)
        parcel = Parcel(key.plan, key.name, ready, pile, is_late=ready > now)
        for address in plans.addresses.intersection(key.to):
            box = boxes.get(address, Box())
            boxes[address] = replace(box, parcels=_with(box.parcels, parcel, key, now, piles))


def _loads(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """``items`` in pieces that a message can tell."""
    rest = tuple(items)
    while rest:
        some, rest = _fitting(rest, MOST_IN_ONE)
        yield some


def _with(parcels: Sequence[Parcel], new: Parcel, key: GroupKey, now: datetime, piles: Piles) -> tuple[Parcel, ...]:
    """``parcels`` with a ``new`` one; in one with the last of its group, where both have to wait for the same."""
    for at, there in enumerate(parcels):
        alike = there.ready == new.ready or max(there.ready, new.ready) <= now
        fits = there.pile.size + new.pile.size <= MOST_IN_ONE
        if _can_take(there, key) and alike and fits and there.pile in piles:
            one = replace(there, pile=piles.union(there.pile, new.pile))
            return (*parcels[:at], one, *parcels[at + 1 :])
    return (*parcels, new)


def _can_take(parcel: Parcel, key: GroupKey) -> bool:
    """Whether more of that group may come into ``parcel``, which had to wait."""
    return parcel.is_late and (parcel.plan, parcel.group) == (key.plan, key.name) and parcel.pile.size < MOST_TO_JOIN


def _noted(box: Box, now: datetime, *, is_busy: bool) -> Box:
    """What is told late counts from when it was told."""
    if not box.open:
        return replace(box, open=int(is_busy))
    sent = (*box.sent[: -box.open], *(now for _ in box.sent[-box.open :]))
    return Box(sent, box.parcels, box.open if is_busy else 0)


def _ready(box: Box, now: datetime) -> tuple[Parcel, ...]:
    """What can be told, what had to wait before the rest."""
    return tuple(sorted((parcel for parcel in box.parcels if parcel.ready <= now), key=lambda parcel: not parcel.is_late))


def _counting(address: str, box: Box, plans: Plans, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in box.sent if at > now - plans.cap(address).per)


def _largest(address: str, plans: Plans) -> int:
    return min(plans.cap(address).largest or MOST_IN_ONE, MOST_IN_ONE)


def _sent(address: str, box: Box, plans: Plans, now: datetime, piles: Piles) -> tuple[Box, list[Message]]:
    """What ``address`` is sent at ``now``, and its box then."""
    sent = _counting(address, box, plans, now)
    ready = _ready(box, now)
    free = plans.cap(address).most - len(sent)
    if not ready or box.open or free <= 0:
        # what had to wait comes together
        kept = tuple(replace(parcel, is_late=True) if parcel.ready <= now else parcel for parcel in box.parcels)
        return replace(box, sent=sent, parcels=kept), []
    late = tuple(itertools.takewhile(lambda parcel: parcel.is_late, ready))
    bundles = [*([late] if late else []), *((parcel,) for parcel in ready[len(late) :])]
    bundles = bundles if len(bundles) <= free else [ready]
    messages, left = _cut(address, bundles, _largest(address, plans), free, piles)
    later = tuple(parcel for parcel in box.parcels if parcel.ready > now)
    return Box((*sent, *(now for _ in messages)), (*left, *later), len(messages)), messages


def _cut(
    address: str, bundles: Sequence[tuple[Parcel, ...]], largest: int, free: int, piles: Piles
) -> tuple[list[Message], tuple[Parcel, ...]]:
    """Messages of at most ``largest`` events, ``free`` of them; and what is left over."""
    messages: list[Message] = []
    left: list[Parcel] = []
    for bundle in bundles:
        rest = bundle
        while rest and len(messages) < free and rest[0].pile in piles:
            parts, rest = _filled(rest, largest, piles)
            messages.append(Message(address, parts))
        left.extend(rest)
    return messages, tuple(left)


def _filled(parcels: tuple[Parcel, ...], largest: int, piles: Piles) -> tuple[tuple[Part, ...], tuple[Parcel, ...]]:
    """As much of ``parcels`` as fits, and is at hand; and the rest."""
    parts: list[Part] = []
    room = largest
    for at, parcel in enumerate(parcels):
        if parcel.pile not in piles:
            return tuple(parts), parcels[at:]
        some, rest = _fitting(piles[parcel.pile], room, is_first=not parts)
        parts.extend([Part(parcel.plan, parcel.group, some)] if some else [])
        if rest:
            left = replace(parcel, pile=piles.put(rest)) if some else parcel
            return tuple(parts), (left, *parcels[at + 1 :])
        room -= size_of(some)
    return tuple(parts), ()


def _fitting(items: tuple[Item, ...], room: int, *, is_first: bool = True) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """As many of ``items`` as fit, and the rest. What alone is too large is told all the same: no item is torn."""
    for at, item in enumerate(items):
        if len(item.steps) > room and (at or not is_first):
            return items[:at], items[at:]
        room -= len(item.steps)
    return items, ()


def wake_at(state: State, plans: Plans, now: datetime) -> datetime | None:
    """When something can be due next; None: not before news come."""
    moments = [group.due for _, group in state.groups]
    for address, box in state.boxes.items():
        cap = plans.cap(address)
        if box.parcels:
            ready = min(parcel.ready for parcel in box.parcels)
            counting = sorted(at for at in box.sent if at > now - cap.per)
            free_at = counting[len(counting) - cap.most] + cap.per if len(counting) >= cap.most else now
            moments.append(max(ready, free_at, now + LOOK_AGAIN) if box.open else max(ready, free_at))
        elif box.open:
            moments.append(now + LOOK_AGAIN)
    return min(moments, default=None)
