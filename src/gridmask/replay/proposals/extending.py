"""Downtimes that are always extended: what a site announces to be over is not, so let it prove itself first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from gridmask.policy_import.toml import text
from gridmask.replay.declarations import Declared, by, declared, sites
from gridmask.replay.proposals.proposal import FACTS, Change, Fact, Kind, Proposal

if TYPE_CHECKING:
    from gridmask.recording.recording import Document
    from gridmask.replay.outcome import Outcome

ENOUGH, MOSTLY = 4, 0.5
"""Of so many outages, so many must have been extended."""

_HOUR = timedelta(hours=1)


def extended(outcome: Outcome, document: Document | None) -> Iterator[Proposal]:
    """The sites that extend most of their outages."""
    outages = [one for one in declared(outcome) if one.is_outage and one.last.stood(outcome.until)]
    for site, found in by(outages, sites(outcome)).items():
        longer = [one for one in found if one.moved > timedelta()]
        if site and len(found) >= ENOUGH and len(longer) >= MOSTLY * len(found):
            yield _proposal(site, found, longer, document)


def _proposal(site: str, found: Sequence[Declared], longer: Sequence[Declared], document: Document | None) -> Proposal:
    typical = median(one.moved / _HOUR for one in longer)
    hours = sum(one.moved / _HOUR * len(one.elements) for one in longer)
    newest = sorted(longer, key=lambda one: one.last.known_from, reverse=True)[:FACTS]
    return Proposal(
        Kind.EXTENDED,
        f"site {site}",
        f"{len(longer)} of {len(found)} outages at {site} ended later than was first announced, by {typical:,.1f} hours "
        "typically. Let what comes out of an outage there prove itself in Probing, before it is used.",
        {
            "outages": len(found),
            "extended": len(longer),
            "share": round(len(longer) / len(found), 3),
            "median_extension_hours": round(typical, 1),
        },
        tuple(map(_fact, newest)),
        None if document is None else Change("all", _text(site), _changed(document, site)),
        weight=hours,
    )


def _fact(one: Declared) -> Fact:
    ends = (f"{known.downtime.interval.end:%Y-%m-%d %H:%M}" for known in (one.first, one.last))
    was, became = ends
    return Fact(one.last.known_from, f"It was to end at {was}, and ended at {became}.", f"{one.key.source} {one.key.record}")


def _name(site: str) -> str:
    return f"downtimes at {site} are extended"


def _table(site: str) -> dict[str, Any]:
    return {"type": "downtime", "match": {"site": [site]}, "arguments": {"after": "probing"}}


def _text(site: str) -> str:
    return (
        f"[policy.{text(_name(site))}]\n"
        'type = "downtime"\n'
        f"match = {{ site = {text(site)} }}\n"
        'arguments = { after = "probing" }\n'
    )


def _changed(document: Mapping[str, Any], site: str) -> Document:
    made: Document = deepcopy(dict(document))
    made.setdefault("all", {}).setdefault("policy", {})[_name(site)] = _table(site)
    return made
