"""Deeds: what people do in the play. They do it as people do in earnest, by the same use cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gridmask.demo.data import EVERY_KEY_IS_KNOWN


@dataclass(frozen=True, slots=True)
class Drop:
    """Somebody drops the batch that is held because of ``cause``. Times are hours since the week began.

    Attributes:
        at: when.
        by: who, by their duty.
        cause: of the batch, as it tells it: ``source gocdb-downtimes``.
        reason: what they say.
    """

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    at: float
    by: str
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody takes a row out of the loop for their VO, until the hour ``until``.

    Attributes:
        at, until: from when until when.
        by: who, by their duty.
        vo: for whom.
        element: the name of what they take.
        status: what they make of it, by its name.
        reason: what they say.
    """

    __pydantic_config__: ClassVar = EVERY_KEY_IS_KNOWN

    at: float
    until: float
    by: str
    vo: str
    element: str
    status: str
    reason: str


Deed = Drop | Claim
"""Whatever a person does."""
