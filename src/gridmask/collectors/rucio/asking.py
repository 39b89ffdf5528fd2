"""Asks Rucio for its storage elements, then each for its usage, a few at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.collectors.rucio.options import RucioOptions
from gridmask.domain.errors import MalformedAnswer
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.http import NotModified

TOKEN_AS = "X-Rucio-Auth-Token"  # noqa: S105 - the name of a header
MOST = 5_000
"""So many storage elements are asked at most."""


class _Rse(msgspec.Struct, frozen=True):
    rse: str


async def gather(asking: Asking) -> Gathered | NotModified:
    """What Rucio has of each storage element, an answer each. A file is read as all of them together.

    Raises:
        SourceError: one of them was not told.
    """
    if asking.is_document:
        return await asking.whole()
    base = asking.source.url.rstrip("/")
    names = _names((await asking.get(f"{base}/rses/{_chosen(asking)}")).body, asking.source.name)
    return Gathered.of(await asking.get_all(f"{base}/rses/{quote(name, safe='')}/usage" for name in names))


def _chosen(asking: Asking) -> str:
    expression = RucioOptions.of(asking.source).expression
    return f"?{urlencode({'expression': expression})}" if expression else ""


def _names(body: bytes, source: str) -> list[str]:
    with expecting("list of storage elements by Rucio", source):
        names = [msgspec.json.decode(line, type=_Rse).rse for line in body.splitlines() if line.strip()]
    if not 0 < len(names) <= MOST:
        raise MalformedAnswer(source, f"lists {len(names):,} storage elements; there must be some, and at most {MOST:,}.")
    return names
