"""The six statuses, their order, and what each lets a reader do."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TYPE_CHECKING

from gridmask.domain.errors import NotKnown

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(IntEnum):
    """What a row may be, ordered from most to least restrictive.

    ``UNKNOWN`` stands last so that it is neutral in a combination; it is not usable for anything.
    """

    ERROR = 0
    BANNED = 1
    PROBING = 2
    DEGRADED = 3
    ACTIVE = 4
    UNKNOWN = 5

    @property
    def label(self) -> str:
        """The name as the field writes it: ``Active``, ``Banned``..."""
        return _LABELS[self]

    @classmethod
    def parse(cls, label: str) -> Status:
        """The status called ``label``, whatever its case.

        Raises:
            NotKnown: there is no such status.
        """
        try:
            return cls[label.upper()]
        except KeyError:
            raise NotKnown("status", label, _LABELS.values()) from None


_LABELS = {status: status.name.capitalize() for status in Status}


class Purpose(Enum):
    """What a reader wants to do with a service."""

    USE = "use"
    TEST = "test"

    @classmethod
    def parse(cls, name: str) -> Purpose:
        """The purpose called ``name``.

        Raises:
            NotKnown: there is none.
        """
        try:
            return cls(name)
        except ValueError:
            raise NotKnown("purpose", name, (purpose.value for purpose in cls)) from None


_USABLE = {
    Purpose.USE: frozenset({Status.ACTIVE, Status.DEGRADED}),
    # a row in Probing can only be freed by tests, so tests must be let in
    Purpose.TEST: frozenset({Status.ACTIVE, Status.DEGRADED, Status.PROBING}),
}


def usable(status: Status, purpose: Purpose = Purpose.USE) -> bool:
    """Whether ``status`` lets a reader go ahead; the only place where this is decided."""
    return status in _USABLE[purpose]


def allowed(status: Status) -> str:
    """What ``status`` allows, in words."""
    if usable(status):
        return "usable"
    return "usable for tests only" if usable(status, Purpose.TEST) else "not usable"


def most_restrictive(statuses: Iterable[Status]) -> Status:
    """The combination of ``statuses``: the most restrictive one, ``UNKNOWN`` for none (promise D1)."""
    return min(statuses, default=Status.UNKNOWN)
