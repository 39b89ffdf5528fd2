"""Dating: an answer that is older than what its source said last is no news. A mirror lags, or somebody restored a backup."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from gridmask.domain.errors import Outdated

if TYPE_CHECKING:
    from sqlalchemy import Row

    from gridmask.http import Provenance
    from gridmask.source import Source


def check_date(source: Source, noted: Row[Any], answer: Provenance, now: datetime) -> None:
    """Check that an answer is not older than the last one that was good, by what the server says when it was last modified.

    A server that has said nothing newer for as long as its answers count has gone back for good, and is followed. Of files
    nothing is checked: who puts an old one back means it. A date that lay in the future says nothing.

    Raises:
        Outdated: it is.
    """
    if source.url[:5].lower() == "file:" or noted.fetched_at is None or answer.sha256 == noted.sha256:
        return
    dated, last = _moment(answer.validators.last_modified), _moment(noted.last_modified)
    until = noted.fetched_at + source.valid_for
    if dated is not None and last is not None and dated < last <= noted.fetched_at and now < until:
        raise Outdated(source.name, dated, last, until)


def _moment(said: str | None) -> datetime | None:
    """What a ``Last-Modified`` says (RFC 9110, section 8.8.2); None: nothing that can be read."""
    try:
        read = parsedate_to_datetime(said or "")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
