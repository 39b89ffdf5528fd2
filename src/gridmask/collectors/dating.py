"""Since when a document counts that does not date itself."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from gridmask.http import Gathered
from gridmask.http.files import is_file

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.asking import Asking
    from gridmask.source import Source


async def afresh(asking: Asking, url: str = "") -> Gathered:
    """What stands at the source's URL, or at ``url``, whole, even if it is what it was: that it still is, counts from now.

    Raises:
        SourceError: there is no answer that could be used.
    """
    return Gathered.of([await asking.get(url or asking.source.url)])


def observed_at(answer: Gathered, source: Source, *, cached: bool) -> datetime:
    """When what ``answer`` says was the case: when it was read; of a file, and of what is ``cached``, when it was written."""
    read = answer.provenance.fetched_at
    if not (cached or is_file(source.url)):
        return read
    try:
        return min(parsedate_to_datetime(answer.provenance.validators.last_modified or ""), read)
    except (ValueError, TypeError, OverflowError):
        return read  # nothing that could be read, or a date without a zone
