"""Patience: how often, and after which pauses, something is asked for again that may only be delayed."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is asked for, and when again.

    Attributes:
        attempts: how often at most.
        first: seconds of the first pause, about; each is twice as long as the one before.
        longest: seconds of the longest.
        within: seconds after the first attempt in which the last one begins.
    """

    attempts: int = 5
    first: float = 0.5
    longest: float = 10.0
    within: float = 120.0

    def pause(self, attempt: int, elapsed: float, wanted: float | None) -> float | None:
        """Seconds to wait after the attempt of this number; None: no more. ``wanted``: what the server asks for.

        They are longer or shorter by chance: many who were refused together do not come back together.
        """
        if attempt >= self.attempts:
            return None
        span = min(self.longest, self.first * 2 ** (attempt - 1))
        chance = random.random()  # noqa: S311 - no secret
        pause = span * (1 + chance) / 2 if wanted is None else wanted + span * chance
        return pause if elapsed + pause <= self.within else None


IMPATIENT = Patience(attempts=1)
"""Once only."""
