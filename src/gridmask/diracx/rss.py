"""What DiracX says of resources: its routes ``/api/rss/...``, asked with the token of a user of one VO.

Each answers with what that VO may use, and why not or with what caution. It tells no status, no time, and no owner: a
resource is allowed, perhaps with warnings, or it is not.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.domain.comparison import Said
from gridmask.domain.element import RESOURCE, SITE, WHOLE, ElementKey, RowKey
from gridmask.domain.errors import BadStatus, InvalidConfiguration, MalformedAnswer
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.http import Client
    from gridmask.http.access import Access

ROUTES = {
    "storage": (RESOURCE, "StorageElement"),
    "compute": (RESOURCE, "ComputingElement"),
    "site": (SITE, SITE),
    "fts": (RESOURCE, "FTS"),
}
"""What each of its routes tells of: family and type."""

_STATUS_TYPES = {
    **{name.removesuffix("Access").lower(): name for name in ("ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess")},
    "all": WHOLE,
}
_DECODER = msgspec.json.Decoder(dict[str, dict[str, dict[str, Any]]])


async def read(client: Client, url: str, access: Access, vo: str) -> dict[RowKey, Said]:
    """What the DiracX at ``url`` says to whoever holds the token of ``access``, a user of ``vo``.

    Raises:
        FetchFailed: it does not answer. InvalidConfiguration: it does not accept the token, or nothing is there.
        MalformedAnswer: it answers something else.
    """
    base = url.rstrip("/").removesuffix("/api/rss")
    bodies = await asyncio.gather(*(_answer(client, f"{base}/api/rss/{route}", access) for route in ROUTES))
    return {row: said for route, body in zip(ROUTES, bodies, strict=True) for row, said in parse(body, route, vo)}


async def _answer(client: Client, url: str, access: Access) -> bytes:
    try:
        return (await client.get(url, access=access)).body
    except BadStatus as error:
        if error.status in {401, 403}:
            raise InvalidConfiguration(error.url, "does not accept the token; it may be over, so get a new one") from error
        if error.status == 404:
            raise InvalidConfiguration(error.url, "is not there; give the address at which DiracX's /api is") from error
        raise


def parse(body: bytes, route: str, vo: str) -> Iterator[tuple[RowKey, Said]]:
    """The statements in the answer of ``route`` to a user of ``vo``.

    Raises:
        MalformedAnswer: it is none.
    """
    place = f"/api/rss/{route}"
    try:
        told = _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise MalformedAnswer(place, f"is not what DiracX answers: {error}") from error
    for name, aspects in told.items():
        for aspect, said in aspects.items():
            if aspect not in _STATUS_TYPES:
                raise MalformedAnswer(f"{place}: {name}", f"{aspect!r} is none of {', '.join(_STATUS_TYPES)}")
            row = RowKey(ElementKey(*ROUTES[route], name), _STATUS_TYPES[aspect], vo)
            yield row, _said(said, f"{place}: {name}: {aspect}", vo)


def _said(told: dict[str, Any], place: str, vo: str) -> Said:
    allowed, warnings = told.get("allowed"), told.get("warnings")
    if not isinstance(allowed, bool):
        raise MalformedAnswer(place, "does not say whether it is allowed")
    if not allowed:
        return Said(usable=False, reason=str(told.get("reason") or ""), vo=vo)
    return Said.of(Status.DEGRADED, str(warnings), vo=vo) if warnings else Said.of(Status.ACTIVE, vo=vo)
