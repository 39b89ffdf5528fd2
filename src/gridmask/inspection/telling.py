"""Telling: one action, one thing after the other; and what it means where that fails."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from gridmask import tracing
from gridmask.actions.action import Gathering
from gridmask.actions.retrying import Patience, pause, trouble_of
from gridmask.domain.errors import GridmaskError, StoreError
from gridmask.store.deliveries import DEAD, RECALLED, WAITING, Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmask.actions.action import Subscription
    from gridmask.clock import Clock
    from gridmask.domain.news import News

log = structlog.get_logger()

TOLD = Counter("gridmask_action_told_total", "What actions were told of, by how that went.", ["action", "outcome"])


@dataclass(frozen=True, slots=True)
class Rules:
    """What couriers go by.

    Attributes:
        limit: how long an action may take over one thing.
        patience: when to give up on it.
        term: for how long a courier has an action for itself, unless it says that it goes on; then another may.
    """

    limit: timedelta = timedelta(minutes=1)
    patience: Patience = Patience()
    term: timedelta = timedelta(seconds=20)


class Teller:
    """Tells the action of a subscription."""

    def __init__(
        self, clock: Clock, subscription: Subscription, rules: Rules, chance: Callable[[], float] | None = None
    ) -> None:
        self._clock = clock
        self._to = subscription
        self._rules = rules
        self._chance = chance or random.random

    def groups(self, wanted: list[News]) -> list[list[News]]:
        """What is told at once."""
        if isinstance(self._to.action, Gathering):
            return [wanted] if wanted else []
        return [[item] for item in wanted]

    def chosen(self, item: News) -> News | None:
        """What of ``item`` it is told."""
        chosen = self._to.condition.chosen(item)
        for trouble in chosen.troubles:
            log.warning("a condition of an action could not be evaluated", action=self._to.name, key=item.key, problem=trouble)
        return chosen.news

    async def tell(self, items: list[News], before: Failure | None) -> Failure | None:
        """Tell the action of ``items``; what failed, if it did."""
        facts = {"gridmask.action": self._to.name, "gridmask.kind": self._to.kind, "gridmask.key": items[0].key}
        with tracing.step("deliver", facts, revision=getattr(items[0].about, "revision", None)) as telling:
            failure = await self._told(items, before)
            if failure is not None:
                telling.fail(str(failure.trouble))
        return failure

    async def _told(self, items: list[News], before: Failure | None) -> Failure | None:
        try:
            async with asyncio.timeout(self._rules.limit.total_seconds()):
                await self._call(items)
        except StoreError:
            raise  # that is our own trouble, and others wait it out
        except GridmaskError as error:
            return self._failed(items[0], error, before)
        except TimeoutError:
            return self._failed(items[0], TimeoutError(f"It took more than {self._rules.limit.total_seconds():g} s."), before)
        except Exception as error:  # what an action raises must not stop the others, nor the loop
            log.warning("an action met a fault of its own", action=self._to.name, exc_info=error)
            return self._failed(items[0], error, before)
        TOLD.labels(self._to.name, "told").inc(len(items))
        return None

    async def _call(self, items: list[News]) -> None:
        if isinstance(self._to.action, Gathering):
            await self._to.action.tell_all(items)
        else:
            await self._to.action.tell(items[0])

    def _failed(self, item: News, error: BaseException, before: Failure | None) -> Failure:
        now, attempts = self._clock(), (before.attempts if before else 0) + 1
        trouble, recalled = trouble_of(error), before is not None and before.state == RECALLED
        made_at = before.first_at if before and recalled else item.at
        text = str(error) if isinstance(error, GridmaskError | TimeoutError) else f"{type(error).__name__}: {error}"
        over = self._rules.patience.is_over(trouble, attempts, made_at, now)
        TOLD.labels(self._to.name, "given up" if over else "failed").inc()
        tell = log.error if over else log.warning
        tell("an action could not tell", action=self._to.name, key=item.key, attempts=attempts, given_up=over, problem=text)
        first = before.first_at if before else now
        if over:
            return Failure(item.number, DEAD, attempts, first, None, trouble, text)
        again = now + pause(error, attempts, self._chance())
        return Failure(item.number, RECALLED if recalled else WAITING, attempts, first, again, trouble, text)
