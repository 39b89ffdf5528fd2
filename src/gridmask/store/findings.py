"""What checks of a database find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``check`` says which check found it."""

    check: str
    text: str
