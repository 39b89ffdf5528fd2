"""Records as OSG writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gridmask.collectors.record import Record

_NOTHING = re.compile(r"\(Information not available\)|\(No [\w ]*description\)|Not Available", re.IGNORECASE)
"""What OSG writes where it has nothing to say."""


def meaningful(text: str | None) -> str:
    """``text`` with its white space made single; empty where it says that there is nothing to say."""
    single = " ".join((text or "").split())
    return "" if _NOTHING.fullmatch(single) else single


@dataclass(frozen=True, slots=True)
class OsgRecord(Record):
    """A record in which some words mean that there is nothing to say."""

    @staticmethod
    def meaningful(text: str) -> str:
        """``text``; empty where it says that there is nothing to say."""
        return meaningful(text)
