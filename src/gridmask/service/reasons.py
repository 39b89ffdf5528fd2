"""Reasons: what people say of what they do."""

from __future__ import annotations

from gridmask.domain.errors import InvalidRequest


def require_text(text: str, what: str) -> str:
    """``text`` without surrounding space.

    Raises:
        InvalidRequest: nothing is left.
    """
    stripped = text.strip()
    if not stripped:
        raise InvalidRequest(f"{what} is needed; those who come after you will want to know.")
    return stripped
