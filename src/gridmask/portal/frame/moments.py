"""Moments as they are asked for in addresses and by forms: in UTC, unless they say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

from gridmask.domain.errors import InvalidRequest

LONGEST = 40
"""So many characters a moment has at most."""


def moment(text: str) -> datetime | None:
    """The moment in UTC that ``text`` means, a day that day's beginning; None: it says nothing.

    Raises:
        InvalidRequest: it means none.
    """
    stripped = text.strip()
    if not stripped:
        return None
    try:
        found = datetime.fromisoformat(stripped)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{stripped!r} is no moment; write it as 2026-08-21, or 2026-08-21T17:00 (UTC).") from None


def field(moment_: datetime | None) -> str:
    """``moment_`` as a field for moments has it; empty for none."""
    return "" if moment_ is None else f"{moment_.astimezone(UTC):%Y-%m-%dT%H:%M}"
