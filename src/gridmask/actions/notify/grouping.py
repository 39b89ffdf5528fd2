"""Grouping: how what happens becomes messages. Pure: the state, what came, and the time give the next state, and messages.

What comes waits in a *group* until its time is over, and goes as a *parcel* to each address. An address takes parcels when its
hours and its cap allow it: each as a message of its own, but in one those that had to wait; and all, where there are more than
it may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from gridmask.actions.notify.items import Item, items_of, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.actions.notify.plans import Plans
    from gridmask.domain.news import News

MOST_IN_ONE = 10_000
"""So many events a message tells at most, however many an address may be told: more would not pass through every database."""

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
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a group came to, from when on it can be told to an address. ``is_late``: that was later than it was there."""

    plan: str
    group: str
    ready: datetime
    items: tuple[Item, ...]
    is_late: bool = False

    @property
    def size(self) -> int:
        """How many events it tells."""
        return sum(len(item.steps) for item in self.items)


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


@dataclass(frozen=True, slots=True)
class Message:
    """Something that an address is to be told now. ``parcels`` of several plans or groups: a digest."""

    to: str
    parcels: tuple[Parcel, ...]

    @property
    def plans(self) -> tuple[str, ...]:
        """The plans that it comes from."""
        return tuple(dict.fromkeys(parcel.plan for parcel in self.parcels))


def absorb(state: State, news: Iterable[News], plans: Plans, now: datetime) -> State:
    """``state`` with ``news``, which may have come before. Of several plans, the first tells an address of something."""
    groups, position = dict(state.groups), state.position
    additions: dict[GroupKey, list[Item]] = {}
    for one in news:
        if one.number > state.position:
            position = max(position, one.number)
            _assign(one, plans, additions)
    for key, items in additions.items():
        plan = plans.called(key.plan)
        assert plan is not None  # it was assigned by it
        known = groups.get(key)
        due = known.due if known else now + plan.wait
        groups[key] = Group(due, joined((*(known.items if known else ()), *items)))
    return replace(state, position=position, groups=tuple(groups.items()))


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


def mature(state: State, plans: Plans, now: datetime, busy: frozenset[str] = frozenset()) -> tuple[State, list[Message]]:
    """What is due at ``now``, as messages, and what waits then. ``busy``: who was not told yet what they were sent.

    What waits for an address that no plan names any more is given up.
    """
    known = plans.addresses
    boxes = {address: box for address, box in state.boxes.items() if address in known}
    waiting: list[tuple[GroupKey, Group]] = []
    for key, group in state.groups:
        if group.due > now:
            waiting.append((key, group))
        else:
            _parcel_out(key, group, plans, boxes, now)
    messages: list[Message] = []
    for address, box in boxes.items():
        boxes[address], due = _sent(address, _noted(box, now, is_busy=address in busy), plans, now)
        messages.extend(due)
    kept = {address: box for address, box in boxes.items() if box != Box()}
    return replace(state, groups=tuple(waiting), boxes=kept), messages


def _parcel_out(key: GroupKey, group: Group, plans: Plans, boxes: dict[str, Box], now: datetime) -> None:
    items, plan = group.items, plans.called(key.plan)
    if plan is not None and plan.drop_flaps:
        items = tuple(item for item in items if not item.is_back)
    if items:
        # a plan that is gone from the settings has no hours any more; what it gathered is told all the same
        ready = plan.hours.next(now) if plan else now
        parcel = Parcel(key.plan, key.name, ready, items, is_late=ready > now)
        for address in plans.addresses.intersection(key.to):
            box = boxes.get(address, Box())
            boxes[address] = replace(box, parcels=(*box.parcels, parcel))


def _noted(box: Box, now: datetime, *, is_busy: bool) -> Box:
    """What is told late counts from when it was told."""
    if not box.open:
        return replace(box, open=int(is_busy))
    sent = (*box.sent[: -box.open], *(now for _ in box.sent[-box.open :]))
    return Box(sent, box.parcels, box.open if is_busy else 0)


def _sent(address: str, box: Box, plans: Plans, now: datetime) -> tuple[Box, list[Message]]:
    """What ``address`` is sent at ``now``, and its box then."""
    cap = plans.cap(address)
    sent = tuple(at for at in box.sent if at > now - cap.per)
    ready = [parcel for parcel in box.parcels if parcel.ready <= now]
    free = cap.most - len(sent)
    if not ready or box.open or free <= 0:
        # what had to wait comes together
        kept = tuple(replace(parcel, is_late=True) if parcel.ready <= now else parcel for parcel in box.parcels)
        return replace(box, sent=sent, parcels=kept), []
    late = tuple(parcel for parcel in ready if parcel.is_late)
    bundles = [*([late] if late else []), *((parcel,) for parcel in ready if not parcel.is_late)]
    bundles = bundles if len(bundles) <= free else [tuple(ready)]
    messages, left = _cut(address, bundles, min(cap.largest or MOST_IN_ONE, MOST_IN_ONE), free)
    later = tuple(parcel for parcel in box.parcels if parcel.ready > now)
    return Box((*sent, *(now for _ in messages)), (*left, *later), len(messages)), messages


def _cut(
    address: str, bundles: Sequence[tuple[Parcel, ...]], largest: int, free: int
) -> tuple[list[Message], tuple[Parcel, ...]]:
    """Messages of at most ``largest`` events, ``free`` of them; and what is left over."""
    messages: list[Message] = []
    left: list[Parcel] = []
    for bundle in bundles:
        rest = bundle
        while rest and len(messages) < free:
            part, rest = _part(rest, largest)
            messages.append(Message(address, part))
        left.extend(rest)
    return messages, tuple(left)


def _part(parcels: tuple[Parcel, ...], largest: int) -> tuple[tuple[Parcel, ...], tuple[Parcel, ...]]:
    """As much of ``parcels`` as fits, and the rest. What alone is too large is told all the same: no item is torn."""
    if sum(parcel.size for parcel in parcels) <= largest:
        return parcels, ()
    fitting: list[Parcel] = []
    rest: list[Parcel] = []
    room = largest
    for parcel in parcels:
        items: list[Item] = []
        for item in parcel.items:
            if rest or (room < len(item.steps) and (items or fitting)):
                rest.append(replace(parcel, items=(item,)))
            else:
                items.append(item)
            room -= len(item.steps)
        if items:
            fitting.append(replace(parcel, items=tuple(items)))
    return tuple(fitting), _regrouped(rest)


def _regrouped(parcels: Iterable[Parcel]) -> tuple[Parcel, ...]:
    found: dict[tuple[str, str, datetime], Parcel] = {}
    for parcel in parcels:
        key = (parcel.plan, parcel.group, parcel.ready)
        known = found.get(key)
        found[key] = replace(known, items=known.items + parcel.items) if known else parcel
    return tuple(found.values())


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
