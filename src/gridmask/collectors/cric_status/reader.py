"""Reads what is excluded from what. What is not listed any more is not excluded: CRIC lists exclusions, and little else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from gridmask.collectors.cric.asking import address
from gridmask.collectors.cric.computing import QUEUE
from gridmask.collectors.cric.record import records
from gridmask.collectors.cric_status.options import CricStatus
from gridmask.collectors.dating import afresh, observed_at
from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import PROBE, Probe

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.element import TypeRegistry
    from gridmask.http import Gathered
    from gridmask.source import Source

ACTIVITIES: Mapping[str, str] = {"a": "all", "r": "read_wan", "w": "write_wan", "d": "delete_wan"}
"""What activities were called before CRIC, and are for queues; others are called alike here."""

NOT_EXCLUDED = Probe("", "OK", "It is not excluded any more.")

LONGEST_NAME, LONGEST_REASON = 100, 500
_WORST = ("OFF", "OFFLINE", "PAUSED", "BROKEROFF", "TEST")


class _Rule(msgspec.Struct, frozen=True):
    """That somebody set a value. Dates are in UTC and do not say so."""

    value: str = ""
    reason: str | None = ""
    probe: str | None = ""
    provider: str | None = ""
    expiration: str | None = ""


class _Activity(msgspec.Struct, frozen=True):
    """``status`` is what counts of all that was set, ``mode`` that by value and by who set it."""

    status: _Rule = _Rule()
    mode: dict[str, dict[str, _Rule]] = {}


class _InForce(NamedTuple):
    """A value that counts, until when, by whom, and why."""

    value: str
    until: datetime | None
    by: str
    reason: str


async def gather(asking: Asking) -> Gathered:
    """The document.

    Raises:
        SourceError: it did not come.
    """
    document = CricStatus.of(asking.source).document
    return await afresh(asking, "" if asking.is_document else address(asking.source.url, "atlas", document))


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the document says of each element and activity, as of when it was read.

    Raises:
        MalformedAnswer: it is no such document; or it lists nothing, which may be true, and cannot be told from a CRIC that
            lost its exclusions.
    """
    found = records(answer.bodies[0], source.name)
    if not found:
        raise MalformedAnswer(source.name, "lists nothing at all.")
    known = types if QUEUE.name in types.by_name else types.with_types(QUEUE)
    now = observed_at(answer, source, cached=False)
    said = (item for name, members in found.items() for item in _said(name, members, source, known, now))
    return Observations.of(said, rest=NOT_EXCLUDED)


def _said(name: str, members: Any, source: Source, types: TypeRegistry, now: datetime) -> Iterator[Evidence | Problem]:  # noqa: ANN401
    options = CricStatus.of(source)
    if not isinstance(members, dict) or not _can_be(name):
        yield Problem(f"{name[:LONGEST_NAME]!r}: is no record of activities under a name")
        return
    about = options.about(name, types)
    for activity, said in members.items():
        try:
            rule = _in_force(msgspec.convert(said, _Activity), now)
        except (msgspec.ValidationError, ValueError) as error:
            yield Problem(f"{name}: {activity[:LONGEST_NAME]!r}: {error}")
            continue
        if not _can_be(activity):
            yield Problem(f"{name}: {activity[:LONGEST_NAME]!r}: is no activity")
            continue
        metric = ACTIVITIES.get(activity, activity)
        value = Probe(metric, options.result(rule.value), _summary(rule))
        yield Evidence(
            key_of(source.name, about, metric, name, vo=options.vo), PROBE, value, now, now + source.valid_for, options.vo
        )


def _can_be(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()


def _in_force(activity: _Activity, now: datetime) -> _InForce:
    """What counts of ``activity``; that it is on, where all that was set is over.

    Raises:
        ValueError: nothing is said of it, or it has a date that is none.
    """
    rules = [
        _InForce(value, _moment(rule.expiration), rule.probe or rule.provider or who, rule.reason or "")
        for value, by in activity.mode.items()
        for who, rule in by.items()
    ]
    told = activity.status
    if told.value:
        rules = [rule for rule in rules if rule.value == told.value]
        own = _InForce(told.value, _moment(told.expiration), told.probe or told.provider or "", told.reason or "")
        rules = [own] if own.reason or own.by or not rules else rules
    if not rules:
        raise ValueError("has no status")
    counting = [rule for rule in rules if rule.until is None or now < rule.until]
    return min(counting, key=_rank, default=_InForce("ON", None, "", ""))


def _rank(rule: _InForce) -> tuple[int, str]:
    word = rule.value.upper()
    return (_WORST.index(word) if word in _WORST else len(_WORST)), rule.by


def _moment(text: str | None) -> datetime | None:
    """A date of CRIC's; None where there is none.

    Raises:
        ValueError: it is none.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text[:40]!r} is no date") from None


def _summary(rule: _InForce) -> str:
    by = f" by {rule.by}" if rule.by else ""
    until = f" until {rule.until:%Y-%m-%d %H:%M} UTC" if rule.until else ""
    reason = f": {' '.join(rule.reason.split())[:LONGEST_REASON]}" if rule.reason else ""
    return "".join(character for character in f"{rule.value}{by}{until}{reason}" if character.isprintable())
