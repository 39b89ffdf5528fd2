"""What an actuator needs to know of another system, and of our own masks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.actions.actuating.values import Reading, Step, Wishes
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Holding
    from gridmask.domain.status import Purpose


@dataclass(frozen=True, slots=True)
class View:
    """What there is to see from a VO's place, now. ``revision`` is that of its mask; ``vo`` its canonical name."""

    vo: str
    revision: int
    holdings: Mapping[ElementKey, Holding]


@dataclass(frozen=True, slots=True)
class Document:
    """A mask in a format. ``entries``: how many elements that mask has."""

    revision: int
    body: bytes
    entries: int


class Outlook(Protocol):
    """Where actuators learn what masks say: from the database as it is now, or not at all."""

    async def look(self, vo: str) -> View:
        """What ``vo`` sees.

        Raises:
            StoreUnavailable: the database is away: what was seen last is not good enough to act upon.
            Deferred: there is no such VO, as yet.
        """

    async def render(self, vo: str, form: str, purpose: Purpose | None) -> Document:
        """The same in a format; raises as :meth:`look`."""


class OtherSide(Protocol):
    """Another system, in which things are to be as the mask says."""

    @property
    def own_alone(self) -> bool:
        """Whether only what we switched off there is ever switched on by us."""

    def open(self) -> AbstractAsyncContextManager[Talk]:
        """A talk with it; there may be several at once.

        Raises:
            GridmaskError: it cannot be talked to.
        """


class Talk(Protocol):
    """A talk with another system, in which it is read and written."""

    async def wishes(self, outlook: Outlook, now: datetime) -> Wishes:
        """What the mask wishes there; raises as :meth:`Outlook.look`."""

    async def read(self, things: Collection[str]) -> Reading:
        """What ``things`` are, each by itself.

        Raises:
            GridmaskError: nothing can be read.
        """

    async def write(self, step: Step) -> str:
        """Do ``step``. Returns what the other system answered, where that is to be kept.

        Raises:
            GridmaskError: it was not done, or nobody knows.
        """
