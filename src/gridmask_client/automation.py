"""How far automation goes with elements."""

from __future__ import annotations

from collections.abc import Iterable

from gridmask_client.answer import Json
from gridmask_client.call import Call, Listing, change, listing
from gridmask_client.shapes import NULL, ElementId, ElementName, Mode, Moment, Pattern, Said
from gridmask_client.shapes import elements as named

_ROUTE = "/api/v1/automation"


class Ruled(ElementId, frozen=True):
    """What a person decided about one element, for the rows of a VO."""

    vo: str
    mode: str
    by: str
    reason: str
    at: Moment


class Automation(Said, frozen=True):
    """How far automation goes: by policy layer, where nothing was decided; and what was."""

    layers: dict[str, str]
    rulings: tuple[Ruled, ...]


class Ruling(Said, frozen=True):
    """What a decision led to: about how many elements it is, and how many rows changed."""

    elements: int
    revision: int | None
    changed: int


def list(vo: str | None = None) -> Listing[Automation, Ruled]:
    """What people decided about elements, and what the policy layers say of all others."""
    return listing(_ROUTE, Json(Automation), lambda page: page.rulings, {"vo": vo})


def rule(
    mode: Mode | None,
    reason: str,
    *,
    elements: Iterable[str | ElementName] = (),
    match: Pattern | None = None,
    vo: str = "all",
) -> Call[Ruling]:
    """Let automation go so far with elements, and no further, until somebody decides otherwise.

    Args:
        mode: how far; None: as far as with all others again.
        reason: why, for those who come after you.
        elements: which, by name;
        match: and by what they are.
        vo: for the rows of this VO; ``all`` is those of every VO without a decision of its own.
    """
    body = {"elements": named(elements), "match": match, "vo": vo, "mode": mode or NULL, "reason": reason}
    return change(_ROUTE, Json(Ruling), body)
