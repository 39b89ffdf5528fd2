"""What a method gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.dirac_rpc.protocol import Answer


@dataclass(frozen=True, slots=True)
class Told:
    """An answer. ``revision``: it stays the same until there is another one; None: it may not."""

    answer: Answer
    revision: int | None = None


Method = Callable[..., Awaitable[Told]]
"""A method that clients call: it is given the caller, and the arguments by position."""
