"""What a reader has already, as DiracX's clients tell it: by validators without quotes, and by moments.

What :rfc:`9110` says of the same headers is understood as well. A reader is told that nothing changed only if that is so.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE_IS_OLD = timedelta(seconds=1)
"""So old the date of an answer may be: the server writes it once a second."""

_LONGEST = 64
"""Characters of a date that is looked at."""

_TAG = re.compile(r'(?:^|,)\s*(?:W/)?(?:"([^"]*)"|([^\s",]+))\s*(?=,|$)')


def has_it(headers: Mapping[bytes, bytes], etag: str, since: datetime, now: datetime) -> bool:
    """Whether the reader has what ``etag``, a validator without quotes, names: what is so since ``since``.

    A moment counts where no validator is sent. Beside one that is wrong it counts, as in DiracX, if it is to come yet: nothing
    that this server sent could make a reader say so, and whoever does wants no answer.
    """
    tags, moment = headers.get(b"if-none-match"), headers.get(b"if-modified-since")
    if tags is not None and names(tags.decode("latin-1"), etag):
        return True
    told = _moment(moment.decode("latin-1")) if moment is not None and len(moment) <= _LONGEST else None
    if told is None:
        return False
    return told >= _settled(since) if tags is None else told > now


def names(if_none_match: str, etag: str) -> bool:
    """Whether the validators in ``if_none_match`` name ``etag``: with quotes or without, weak ones as well; ``*`` is any."""
    if if_none_match == etag or if_none_match.strip() == "*":
        return True
    return any(etag in match.groups() for match in _TAG.finditer(if_none_match))


def last_modified(since: datetime, now: datetime) -> bytes:
    """What is so since ``since`` as a date for the header ``Last-Modified``, which is never later than that of the answer."""
    return _written(int(min(_settled(since), now - _DATE_IS_OLD).timestamp()))


def _settled(since: datetime) -> datetime:
    """The first whole second in which nothing else was told: the one before may have seen both."""
    return since.replace(microsecond=0) + timedelta(seconds=1)


@lru_cache(1024)
def _written(seconds: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True).encode()


@lru_cache(1024)
def _moment(text: str) -> datetime | None:
    """The moment that ``text`` is; None: it is none."""
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
