"""What a reader has already and can take: ``If-None-Match``, ``If-Match`` and ``Accept-Encoding`` (:rfc:`9110`)."""

from __future__ import annotations

import re
from functools import lru_cache

CODINGS = ("zstd", "gzip")
"""How answers can be packed; of those that a reader takes as gladly, the first is chosen."""

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_STRONG = re.compile(r'(?:^|[\s,])"([\x21\x23-\x7e\x80-\xff]*)"')
_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*")


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
    return _weight("gzip", _weights(accept_encoding)) > 0


@lru_cache(1024)
def chosen(accept_encoding: str) -> str:
    """The one of :data:`CODINGS` that the header ``Accept-Encoding`` wants most; empty: to send the bytes as they are.

    Who takes several as gladly gets what is shortest. ``*`` stands for gzip, which everybody knows who knows any; and who
    refuses everything, the bytes as they are included, gets these all the same.
    """
    weights = _weights(accept_encoding)
    named = {coding: _weight(coding, weights) for coding in CODINGS if coding in weights or coding == "gzip"}
    best = max(named, key=named.__getitem__)
    as_it_is = weights.get("identity", 0.0)
    return best if named[best] > 0 and named[best] >= as_it_is else ""


def _weights(accept_encoding: str) -> dict[str, float]:
    codings = (coding.partition(";") for coding in accept_encoding.split(","))
    return {name.strip().lower(): _parsed(weight.strip()) for name, _, weight in codings if name.strip()}


def _weight(coding: str, weights: dict[str, float]) -> float:
    return weights.get(coding, weights.get("*", 0.0))


def _parsed(weight: str) -> float:
    """The weight that is written; 1 where none is, and 0 where what is written is none: it promises nothing."""
    found = _WEIGHT.fullmatch(weight.lower())
    return float(found[1]) if found else 0.0 if weight else 1.0
