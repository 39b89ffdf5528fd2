"""Damping: what keeps flapping is let go only when it has been quiet for a while (promise D5).

Each ban that automation imposes adds one to a row's penalty, which halves with every half-life. While the penalty is beyond
``suppress``, and from then until it has fallen below ``reuse``, automation may restrict the row and may not free it. The idea,
with its two thresholds, is that of route flap damping (RFC 2439, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil, log2

from gridmask.domain.status import Status, usable
from gridmask.domain.transition import Standing


@dataclass(frozen=True, slots=True)
class Damping:
    """When flapping is damped.

    Attributes:
        half_life: after how long a penalty counts half.
        suppress: the penalty at which a row is held back; 0 switches damping off.
        reuse: the penalty below which it is let go again.
        most: the highest penalty; it bounds how long a row can be held back.
    """

    half_life: timedelta = timedelta(minutes=30)
    suppress: float = 3.0
    reuse: float = 1.0
    most: float = 6.0

    @property
    def is_on(self) -> bool:
        """Whether anything is damped at all."""
        return self.suppress > 0


DEFAULT_DAMPING = Damping()

UNDAMPED = Damping(suppress=0)

PER_BAN = 1.0
"""What a ban adds to the penalty."""

_NOTHING = 0.01
"""A penalty below this is none."""


@dataclass(frozen=True, slots=True)
class Penalty:
    """What a row has gathered by flapping: ``value`` as of ``at``, and whether it is held back for it."""

    value: float
    at: datetime
    damped: bool = False

    def by(self, now: datetime, damping: Damping) -> float:
        """What is left of it at ``now``."""
        halvings = max(now - self.at, timedelta()) / damping.half_life
        return float(self.value * 0.5**halvings)

    def reusable_at(self, damping: Damping) -> datetime:
        """When it has fallen below ``reuse``."""
        if self.value < damping.reuse:
            return self.at
        halvings = log2(self.value / damping.reuse)
        # a moment later than exactly, so that whoever looks then finds it below
        seconds = ceil(halvings * damping.half_life.total_seconds()) + 1
        return self.at + timedelta(seconds=seconds)


def banned(penalty: Penalty | None, now: datetime, damping: Damping) -> Penalty | None:
    """The penalty after one more ban."""
    if not damping.is_on:
        return None
    value = min((penalty.by(now, damping) if penalty else 0.0) + PER_BAN, damping.most)
    return Penalty(value, now, damped=value >= damping.suppress or (penalty is not None and penalty.damped))


def decayed(penalty: Penalty | None, now: datetime, damping: Damping) -> Penalty | None:
    """``penalty`` where it still holds back or may come to; itself, as long as nothing but its value changes."""
    if penalty is None or not damping.is_on:
        return None
    left = penalty.by(now, damping)
    if left < _NOTHING:
        return None
    return replace(penalty, damped=False) if penalty.damped and left < damping.reuse else penalty


def is_ban(before: Standing, asked: Standing) -> bool:
    """Whether to become ``asked`` is one more ban; the first status of a row that was ``Unknown`` is none."""
    bans = (Status.ERROR, Status.BANNED)
    return asked.status in bans and before.status not in (*bans, Status.UNKNOWN)


def held_back(before: Standing, asked: Standing, penalty: Penalty | None) -> bool:
    """Whether a row that stands at ``before`` must not become ``asked``, which would free it."""
    return penalty is not None and penalty.damped and usable(asked.status) and not usable(before.status)
