"""Gates: what scores must not exceed, as people write it, such as ``missed > 10 %``. A build server stops at them.

::

    [more] MEASURE [of VO] [with hindsight] OPERATOR NUMBER [UNIT]

A gate says what is *wrong*: it fails where it is true. ``more`` compares two policy sets: by how much the measure is greater
under those that are tried. Percent are of what the measure is a part of (:data:`~gridmask.replay.measures.MEASURES`); after
``more``, of what it was.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.spelling import hint, suggest
from gridmask.domain.vo import ALL
from gridmask.replay.measures import BY_NAME, Measure, Unit
from gridmask.replay.numbers import share, told
from gridmask.replay.scores import Reading

if TYPE_CHECKING:
    from gridmask.replay.scores import Scores

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FORM = re.compile(
    r"\s*(?P<more>more\s+)?(?P<measure>[a-z][a-z0-9_]*)(\s+of\s+(?P<vo>\S+))?(?P<hindsight>\s+with\s+hindsight)?"
    r"\s*(?P<operator>>=|<=|>|<)\s*(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>%|h|d|min|s)?\s*"
)
_FACTORS: Mapping[Unit, Mapping[str, float]] = {
    Unit.HOURS: {"h": 1, "d": 24, "min": 1 / 60, "s": 1 / 3600},
    Unit.SECONDS: {"s": 1, "min": 60, "h": 3600, "d": 86400},
}


@dataclass(frozen=True, slots=True)
class Gate:
    """What must not be.

    Attributes:
        text: as it was written.
        measure: what is measured.
        operator: how it is compared.
        limit: with what, in the unit of the measure; of percent, as a share.
        percent: whether the limit is a share.
        more: whether it is about the difference of two.
        vo: as whom it is looked at.
        reading: by which knowledge.
    """

    text: str
    measure: Measure
    operator: str
    limit: float
    percent: bool = False
    more: bool = False
    vo: str = ALL
    reading: Reading = Reading.KNOWN


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a gate: what was measured, in words, and whether it is as it should be."""

    gate: Gate
    found: str
    passed: bool


def gate(text: str) -> Gate:
    """The gate that ``text`` writes.

    Raises:
        InvalidRequest: it is none.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise InvalidRequest(f"{text!r} is no gate; one is written as: missed > 10 %")
    measure = BY_NAME.get(found["measure"])
    if measure is None:
        raise InvalidRequest(f"{text!r}: there is no measure {found['measure']!r}.{_meant(found['measure'], BY_NAME)}")
    limit, percent, more = float(found["number"]), found["unit"] == "%", bool(found["more"])
    if percent and not more and measure.of is None:
        raise InvalidRequest(f"{text!r}: {measure.name} is no part of anything; name a number, without %")
    factor = 0.01 if percent else _factor(text, measure, found["unit"])
    reading = Reading.HINDSIGHT if found["hindsight"] else Reading.KNOWN
    return Gate(text.strip(), measure, found["operator"], limit * factor, percent, more, found["vo"] or ALL, reading)


def _factor(text: str, measure: Measure, unit: str | None) -> float:
    if unit is None:
        return 1.0
    factors = _FACTORS.get(measure.unit, {})
    if unit not in factors:
        known = f"in {', '.join(factors)}, or %" if factors else "without a unit"
        raise InvalidRequest(f"{text!r}: {measure.name} is told {known}")
    return factors[unit]


def _meant(name: str, known: Collection[str]) -> str:
    return hint(suggest(name, known), tuple(known))


def judge(gates: Sequence[Gate], tried: Scores, present: Scores | None = None) -> list[Judged]:
    """What comes of ``gates`` with the scores of those that are ``tried``, beside those that are ``present``.

    Raises:
        InvalidRequest: a gate is about a difference, and there is nothing to compare with; or about a VO that there is not.
    """
    return [_judged(one, tried, present) for one in gates]


def _judged(one: Gate, tried: Scores, present: Scores | None) -> Judged:
    if one.vo not in (ALL, *tried.vos):
        raise InvalidRequest(f"{one.text!r}: there is no VO {one.vo!r} in the recording.{_meant(one.vo, tried.vos)}")
    score = tried.total(one.reading, one.vo)
    value = one.measure.read(score, tried.days)
    if one.more:
        if present is None:
            raise InvalidRequest(f"{one.text!r} is about a difference: name what to compare with, by --against")
        return _grown(one, value, one.measure.read(present.total(one.reading, one.vo), present.days))
    if value is None:
        return Judged(one, "nothing to measure", passed=True)
    whole = one.measure.of(score, tried.days) if one.measure.of else None
    found = f"{told(value, one.measure.unit)}{f', {share(value, whole)}' if whole else ''}"
    measured = (value / whole if whole else 0.0) if one.percent else value
    return Judged(one, found, not _OPERATORS[one.operator](measured, one.limit))


def _grown(one: Gate, value: float | None, before: float | None) -> Judged:
    after, was = value or 0.0, before or 0.0
    change = after - was
    # what was nothing, and is something, has grown beyond every share
    measured = (change / was if was else float("inf") if change > 0 else 0.0) if one.percent else change
    found = f"{told(was, one.measure.unit)} before, {told(after, one.measure.unit)} now"
    return Judged(one, found, not _OPERATORS[one.operator](measured, one.limit))
