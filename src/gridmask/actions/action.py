"""Actions: effects on the outside. What there is in common of them, and what they can be told of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gridmask.actions.conditions import ALWAYS, Condition

if TYPE_CHECKING:
    from gridmask.domain.news import News


class Action(Protocol):
    """An effect on the outside. Told of the same key twice, it must do no harm.

    It is told of one thing after the other, in the order in which things happened. As long as it fails, it is told of nothing
    later; other actions go on meanwhile. What it cannot be told at all becomes a dead letter, which a person can retry: that
    comes late, so an action should look at what is true now rather than at what it is told, where that matters.
    """

    async def tell(self, news: News) -> None:
        """Tell the outside of ``news``.

        Raises:
            Refused: it cannot be told, and not later either: it becomes a dead letter at once.
            Deferred: not now; it will be tried again, not before the time that is asked for.
            GridmaskError: it could not be told; it will be tried again, unless the error is permanent.
        """


@runtime_checkable
class Gathering(Protocol):
    """An action that is told of many things at once, all or none of which it takes."""

    async def tell_all(self, news: Sequence[News]) -> None:
        """Tell the outside of ``news``, in place of ``tell``; raises as that does."""


@runtime_checkable
class Waking(Protocol):
    """An action that has something to do when time has passed, whether or not there are news."""

    async def wake(self, now: datetime) -> datetime | None:
        """Do what is due at ``now``. Returns when to be woken next; None: not before there are news."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """An action of the settings, and what it is told of.

    Attributes:
        name: what it is called; its state in the database goes by that.
        kind: what sort of action it is.
        action: what is told.
        condition: which news it is told of.
        alone: whether it is told of nothing but what is addressed to it (:func:`gridmask.store.outbox.address`).
    """

    name: str
    kind: str
    action: Action
    condition: Condition = ALWAYS
    alone: bool = False
