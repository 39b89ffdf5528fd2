"""How this process looks after its memory."""

from __future__ import annotations

import gc

# new objects, and rounds of the younger generations, before Python looks for circles of garbage
_THRESHOLDS = (50_000, 20, 100)


def relax_collector() -> None:
    """Have Python look for circles of garbage less often than it does by itself.

    What evaluation makes are frozen values, by the hundred thousand and without circles. To go through them again and again
    takes a third of the time of bulk work; what really are circles, in libraries, are small and still found.
    """
    gc.set_threshold(*_THRESHOLDS)
