"""What a method gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.dirac_rpc.protocol import Answer
    from gridmask.service.dirac_reads import State


@dataclass(frozen=True, slots=True)
class Told:
    """An answer. ``state``: as long as it is so, the answer stays the same; None: it may not."""

    answer: Answer
    state: State | None = None


Method = Callable[..., Awaitable[Told]]
"""A method that clients call: it is given the caller, and the arguments by position."""
