"""Telling: scores and comparisons as plain data. The shapes are documented in ``docs/reference/replay-scores.md``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec

from gridmask.domain.vo import ALL
from gridmask.replay.capacity import Unit as Capacity
from gridmask.replay.measures import Unit, read
from gridmask.replay.scores import HOUR, Reading, Score, Scores

if TYPE_CHECKING:
    from gridmask.replay.comparison import Comparison, Difference, Differing
    from gridmask.replay.proposals.proposal import Proposal
    from gridmask.replay.seen import Stretch
    from gridmask.replay.work import Work

MOST = 1000
"""So many elements that differ are told of, unless more are asked for."""

_PLACES = 3


def as_json(told: object) -> bytes:
    """``told`` as JSON, the same for the same."""
    return msgspec.json.format(msgspec.json.encode(told, order="deterministic"), indent=1) + b"\n"


def told_score(score: Score, days: float) -> dict[str, Any]:
    """A score: its measures by name, and of each unit of capacity those that are hours."""
    measured: dict[str, Any] = {measure.name: _rounded(value) for measure, value in read(score, days)}
    for unit in Capacity:
        if unit in score.weighted:
            weighed = read(score.weighed(unit), days)
            measured[unit.value] = {measure.name: _rounded(v) for measure, v in weighed if measure.unit is Unit.HOURS}
    return measured


def told_scores(scores: Scores, vo: str | None = ALL) -> dict[str, Any]:
    """Scores by reading: of all, by VO, by site, by type; by site and type as ``vo`` saw it."""
    return {reading.value: _of_reading(scores, reading, vo) for reading in Reading}


def _of_reading(scores: Scores, reading: Reading, vo: str | None) -> dict[str, Any]:
    return {
        "total": told_score(scores.total(reading), scores.days),
        "vos_together": told_score(scores.total(reading, None), scores.days),
        **{name: _each(found, scores.days) for name, found in _tables(scores, reading, vo).items()},
    }


def _tables(scores: Scores, reading: Reading, vo: str | None) -> dict[str, Mapping[str, Score]]:
    return {
        "by_vo": scores.by_vo(reading),
        "by_site": scores.by_site(reading, vo),
        "by_type": scores.by_type(reading, vo),
    }


def _each(found: Mapping[str, Score], days: float) -> dict[str, Any]:
    return {name: told_score(score, days) for name, score in found.items()}


def told_work(work: Work) -> dict[str, Any]:
    """What people had to do."""
    return asdict(work)


def told_comparison(compared: Comparison, most: int = MOST) -> dict[str, Any]:
    """A comparison, with ``most`` of the elements that differ."""
    shown = compared.differing[:most]
    return {
        "since": compared.one.scores.since,
        "until": compared.one.scores.until,
        "run_up_hours": compared.run_up / HOUR,
        "view": compared.whose or "vos_together",
        "sides": [{"name": side.name, "policies": side.outcome.policies} for side in compared.sides],
        "scores": [told_scores(side.scores, compared.whose) for side in compared.sides],
        "work": [told_work(side.work) for side in compared.sides],
        "hours_apart": _rounded(compared.hours_apart),
        "differing": [*map(_differing, shown)],
        "differing_left_out": len(compared.differing) - len(shown),
    }


def told_proposal(one: Proposal) -> dict[str, Any]:
    """A proposal."""
    return {
        "kind": one.kind.value,
        "about": one.about,
        "says": one.says,
        "figures": one.figures,
        "facts": [*map(asdict, one.facts)],
        "change": {"layer": one.change.layer, "text": one.change.text} if one.change else None,
        "replayed": one.replayed,
        "effects": [*map(asdict, one.effects)],
    }


def _differing(one: Differing) -> dict[str, Any]:
    family, type_, name = one.element
    return {
        "element": {"family": family, "type": type_, "name": name},
        "site": one.site,
        "status_types": one.aspects,
        "vos": one.vos,
        "hours": _rounded(one.length / HOUR),
        "hours_apart": _rounded(one.apart / HOUR),
        "differences": [*map(_difference, one.differences)],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "usability_differs": one.decides,
        "sides": [_seen(one.one), _seen(one.other)],
    }


def _seen(one: Stretch) -> dict[str, Any]:
    return {
        "status": one.status.label if one.status is not None else None,
        "absence": one.absence.value if one.absence else None,
        "row": one.row,
        "owner": one.owner,
        "held_in": one.batch,
        "reasons": [
            {"kind": reason.kind.value, "text": reason.text, "source": reason.source, "record": reason.record}
            for reason in one.reasons
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _PLACES)
