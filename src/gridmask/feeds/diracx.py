"""A mask as DiracX tells it, in the answers of its routes ``/api/rss/...``.

::

    {"ce1.example.org":{"all":{"allowed":true,"warnings":null}},
    "ce2.example.org":{"all":{"allowed":false,"reason":"Smoke in the hall."}}}

By name, whether something may be used: perhaps with a warning, or why not. The models are those of DiracX 0.7.0; what they
cannot tell (statuses, moments, owners, types) is in our own formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from json import dumps
from typing import NamedTuple

from gridmask.domain.element import ACCESS, RESOURCE, SITE, WHOLE, ElementKey
from gridmask.domain.mask import Holding
from gridmask.domain.row import seen_by
from gridmask.domain.status import Status, usable

MEDIA_TYPE = "application/json"

OUT_OF_SERVICE = "Out of service."
"""Why an element may not be used that its inventory says is not to be."""

NOTHING = b"{}"
"""The answer where there is nothing to tell of."""

_FRAGMENTS = 1 << 16


class Route(NamedTuple):
    """What a route tells of: elements of one family and of these types; ``aspects``: its words for their status types."""

    family: str
    types: frozenset[str]
    aspects: tuple[tuple[str, str], ...] = (("all", WHOLE),)


ROUTES: Mapping[str, Route] = {
    "storage": Route(
        RESOURCE,
        frozenset({"StorageElement"}),
        tuple((status_type.removesuffix("Access").lower(), status_type) for status_type in ACCESS),
    ),
    # DIRAC writes the one, DiracX looks for the other
    "compute": Route(RESOURCE, frozenset({"ComputingElement", "ComputeElement"})),
    "site": Route(SITE, frozenset({SITE})),
    "fts": Route(RESOURCE, frozenset({"FTS"})),
}
"""DiracX's routes, by the ends of their paths."""


class Wording(NamedTuple):
    """Why a row has its status, in words: those that were found when it was ``status``."""

    status: Status
    text: str


Wordings = Mapping[ElementKey, Mapping[tuple[str, str], Wording]]
"""By element, and by status type and VO of its rows."""


class _Use(NamedTuple):
    """Whether something may be used, and how that is told."""

    allowed: bool
    told: str


def encode(route: Route, vo: str, holdings: Iterable[Holding], wordings: Wordings) -> bytes:
    """What ``vo`` may use of what ``route`` tells of.

    What is not offered to it is left out, as DiracX leaves out what has rows of other VOs alone. What is out of service may not
    be used, nor may an aspect of which no row says anything: a reader that takes a name for usable unless told otherwise is
    told otherwise. Two elements that share a name may be used only if both may.
    """
    named: dict[str, list[Holding]] = {}
    for holding in holdings:
        key = holding.element.key
        if key.type in route.types and key.family == route.family and holding.element.is_offered_to(vo):
            named.setdefault(key.name, []).append(holding)
    lines = ",\n".join(_line(route, vo, name, named[name], wordings) for name in sorted(named))
    return f"{{{lines}}}".encode()


def _line(route: Route, vo: str, name: str, holdings: list[Holding], wordings: Wordings) -> str:
    aspects = (f'"{said}":{_told(status_type, vo, holdings, wordings)}' for said, status_type in route.aspects)
    return f"{dumps(name)}:{{{','.join(aspects)}}}"


def _told(status_type: str, vo: str, holdings: list[Holding], wordings: Wordings) -> str:
    uses = [_use_of(status_type, vo, holding, wordings) for holding in sorted(holdings, key=_type)]
    return next((use for use in uses if not use.allowed), uses[0]).told


def _type(holding: Holding) -> str:
    return holding.element.key.type


def _use_of(status_type: str, vo: str, holding: Holding, wordings: Wordings) -> _Use:
    if not holding.element.in_service:
        return _use(None, OUT_OF_SERVICE)
    row = seen_by(vo, status_type, holding.rows)
    if row is None:
        return _use(Status.UNKNOWN, "")
    if row.status is Status.ACTIVE:
        return _ACTIVE
    wording = wordings.get(holding.element.key, {}).get(row.key[1:])
    # words and statuses are read one after the other: those of another status say nothing of this one
    return _use(row.status, wording.text if wording is not None and wording.status is row.status else "")


@lru_cache(_FRAGMENTS)
def _use(status: Status | None, text: str) -> _Use:
    """How ``status`` is told, whose name stands for a text that there is not; None: it may not be used, whatever its status."""
    told = dumps(text or (status.label if status is not None else ""))
    if status is None or not usable(status):
        return _Use(allowed=False, told=f'{{"allowed":false,"reason":{told}}}')
    return _Use(allowed=True, told=f'{{"allowed":true,"warnings":{told}}}')


_ACTIVE = _Use(allowed=True, told='{"allowed":true,"warnings":null}')
