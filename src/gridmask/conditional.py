"""What a reader has already and can take: ``If-None-Match``, ``If-Match`` and ``Accept-Encoding`` (:rfc:`9110`)."""

from __future__ import annotations

import re

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_STRONG = re.compile(r'(?:^|[\s,])"([\x21\x23-\x7e\x80-\xff]*)"')
_ZERO = re.compile(r"q\s*=\s*0(\.0{0,3})?\s*")


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether the validators in the header ``If-None-Match`` say that the reader has what ``etag`` names.

    They are compared weakly: ``W/"a"`` is ``"a"`` here.
    """
    return if_none_match == etag or if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)


def tags(if_match: str) -> tuple[str, ...]:
    """What the validators in the header ``If-Match`` say between their quotes. Weak ones are none: they promise too little."""
    return tuple(_STRONG.findall(if_match))


def takes_gzip(accept_encoding: str) -> bool:
    """Whether the header ``Accept-Encoding`` names gzip, and does not refuse it by ``q=0``."""
    codings = (coding.partition(";") for coding in accept_encoding.split(","))
    weights = {name.strip().lower(): weight.strip() for name, _, weight in codings}
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return _ZERO.fullmatch(weight) is None
