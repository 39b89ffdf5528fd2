"""Plans: what is wished, and what is, give what is done. Pure: no clock, no network, no memory but what is given.

What was not read is not touched: a failed or empty reading plans nothing, neither a ban nor its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from gridmask.actions.actuating.values import Limits, Plan, Step

if TYPE_CHECKING:
    from gridmask.actions.actuating.values import Found, Reading, States, Wish


class Budget(NamedTuple):
    """How much can still be done.

    Attributes:
        limits: what applies.
        things: how many things there are.
        spent: which things changed within the period.
        held: what is held already, by thing, with what it would have become.
        free: whether an administrator lets everything through.
    """

    limits: Limits
    things: int
    spent: frozenset[str] = frozenset()
    held: Mapping[str, States] = {}
    free: bool = False

    def allows(self, steps: Iterable[Step]) -> bool:
        """Whether all of ``steps`` are within the limits. To change again what changed already is no more than that."""
        return len(self.spent.union(step.thing for step in steps)) <= self.limits.most(self.things)


def differences(wishes: Mapping[str, Wish], reading: Reading) -> list[Step]:
    """What differs, of what is both wished and found."""
    steps: list[Step] = []
    for thing in sorted(wishes.keys() & reading.found.keys()):
        wish, found = wishes[thing], reading.found[thing]
        aspects = [a for a, state in wish.states.items() if a in found.states and found.states[a] != state]
        if aspects:
            before, after = {a: found.states[a] for a in aspects}, {a: wish.states[a] for a in aspects}
            steps.append(Step(thing, before, after, wish.why, wish.doubt))
    return steps


def divided(
    steps: Iterable[Step], found: Mapping[str, Found], written: Mapping[str, States], *, own_alone: bool
) -> tuple[list[Step], list[Step]]:
    """What may be done of ``steps``, and what would lift what others have done.

    Args:
        steps: what differs.
        found: what there is.
        written: what we wrote last, by thing.
        own_alone: whether only what we switched off is switched on by us.
    """
    if not own_alone:
        return list(steps), []
    ours: list[Step] = []
    foreign: list[Step] = []
    for step in steps:
        lifted = {aspect for aspect, state in step.after.items() if state is True}
        off = found[step.thing].ours
        if off is None:
            off = frozenset(aspect for aspect, state in written.get(step.thing, {}).items() if state is False)
        ours.extend(_only(step, step.after.keys() - (lifted - off)))
        foreign.extend(_only(step, lifted - off))
    return ours, foreign


def _only(step: Step, aspects: Iterable[str]) -> Iterable[Step]:
    kept = sorted(aspects)
    if kept:
        yield replace(step, before={a: step.before[a] for a in kept}, after={a: step.after[a] for a in kept})


def planned(steps: Iterable[Step], foreign: Iterable[Step], budget: Budget) -> Plan:
    """What is done of ``steps``.

    New ones go together, or are held together: what one cause brings is not let through by halves. What is held goes as soon
    as all of it is within the limits; what is in doubt does not, nor does what alone is more than the limits: that takes an
    administrator.
    """
    wanted, left_alone = list(steps), tuple(foreign)
    if budget.free:
        return Plan(tuple(wanted), (), left_alone)
    sure = [step for step in wanted if not step.doubt]
    fresh = [step for step in sure if not step.says_the_same(budget.held.get(step.thing, {}))]
    go = sure if budget.allows(sure) else fresh if budget.allows(fresh) else [s for s in sure if s.thing in budget.spent]
    things = {step.thing for step in go}
    return Plan(tuple(go), tuple(step for step in wanted if step.thing not in things), left_alone)
