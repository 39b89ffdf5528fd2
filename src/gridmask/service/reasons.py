"""Reasons: what people say of what they do."""

from __future__ import annotations

from gridmask.domain.errors import InvalidRequest


def require_text(text: str, what: str) -> str:
    """``text`` without surrounding space.

    Raises:
        InvalidRequest: nothing is left, or it is no text.
    """
    stripped = as_text(text)
    if not stripped:
        raise InvalidRequest(f"{what} is needed; those who come after you will want to know.")
    return stripped


def as_text(text: str) -> str:
    """``text`` without surrounding space; nothing may be left.

    Raises:
        InvalidRequest: it is no text: a shell may give bytes that are none.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{text[:60]!r} is no text: what is at character {error.start + 1} cannot be written.") from None
    return text.strip()
