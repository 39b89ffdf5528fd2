"""What checks of a database find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NAMED_AT_MOST = 5
"""How many examples a finding names before it only counts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``check`` says which check found it."""

    check: str
    text: str


def some(names: Iterable[str]) -> str:
    """The first few of ``names``, and how many more there are."""
    listed = list(names)
    more = f" and {len(listed) - NAMED_AT_MOST:,} more" if len(listed) > NAMED_AT_MOST else ""
    return ", ".join(listed[:NAMED_AT_MOST]) + more
