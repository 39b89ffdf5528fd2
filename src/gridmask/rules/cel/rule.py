"""A rule written by users: conditions on evidence, and the status that each of them asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.errors import InvalidConfiguration, suggest
from gridmask.domain.measurements import SPACE, VALUES
from gridmask.domain.policy import Finding
from gridmask.domain.quantities import roughly
from gridmask.domain.status import Status
from gridmask.rules.cel.text import Complaint
from gridmask.rules.reading import readings
from gridmask.rules.silence import silence

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import Case
    from gridmask.rules.cel.engine import Condition
    from gridmask.rules.reading import Reading

_MOST_RECORDS = 1000
_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class When:
    """One case of a rule.

    Attributes:
        when: the condition, in CEL.
        then: what it asks for where that holds.
        because: what people are told; left out, the condition itself.
    """

    when: str
    then: Status
    because: str = ""


class _Compiled:
    """What a rule is worked out to once; it is no argument."""

    __slots__ = ("_conditions",)
    _conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Cel(_Compiled):
    """The first of ``cases`` whose condition holds decides.

    In a condition there are ``row``, ``element``, ``now``, and for each kind of evidence that is declared its newest record,
    called like the kind, and the list of all records, called ``all_`` and the kind. Evidence that is gone, or a condition that
    cannot be evaluated, leaves it without a verdict: with a kind's newest record alone, that must count; with the list, all.

    Attributes:
        cases: the conditions, in the order in which they are tried.
        needs: the kinds of evidence that the conditions are about.
        otherwise: what it asks for where none of them holds.
        recheck: how often conditions that know the time are tried again.
    """

    cases: tuple[When, ...]
    needs: tuple[str, ...] = ()
    otherwise: Status = Status.ACTIVE
    recheck: timedelta = field(default=timedelta(minutes=10))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_conditions", _compiled(self.cases, self.needs))
        if not self.recheck:
            raise InvalidConfiguration("recheck", "no time at all is too short", [(("recheck",), "no time at all is too short")])

    def __reduce__(self) -> tuple[Any, ...]:
        return Cel, (self.cases, self.needs, self.otherwise, self.recheck)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        names = frozenset().union(*(condition.names for condition in self._conditions))
        records = {kind: readings(case, kind, VALUES[kind]) for kind in self.needs}
        until = self._until(case, records, names)
        missing = [reason for kind in self.needs for reason in _missing(case, kind, records[kind], names)]
        if missing:
            return Finding(None, tuple(missing[:_MOST_TOLD]), until)
        if max(map(len, records.values()), default=0) > _MOST_RECORDS:
            return Finding(None, (_error(f"There are more than {_MOST_RECORDS:,} records of evidence."),), until)
        return self._decided(case, records, names)._replace(until=until)

    def _decided(self, case: Case, records: Mapping[str, list[Reading[Any]]], names: frozenset[str]) -> Finding:
        from gridmask.rules.cel.engine import Failed  # noqa: PLC0415 - loaded by now; only for those who have such a rule
        from gridmask.rules.cel.values import values  # noqa: PLC0415 - likewise

        try:
            data = values(case, records, names)
        except (ValueError, TypeError) as error:
            return Finding(None, (_error(f"The evidence cannot be shown to its conditions: {error}."),))
        told = _told(self._conditions, records)
        for number, (one, condition) in enumerate(zip(self.cases, self._conditions, strict=True)):
            try:
                if condition.holds(data):
                    return Finding(one.then, (_reason(f"{(one.because or one.when).rstrip('.')}{told}.", records),))
            except Failed as error:
                return Finding(None, (_error(f"Condition {number + 1} ({one.when}) could not be evaluated: {error}{told}."),))
        return Finding(self.otherwise, (_reason(f"No condition holds{told}.", records),))

    def _until(self, case: Case, records: Mapping[str, list[Reading[Any]]], names: frozenset[str]) -> datetime | None:
        ends = [e.valid_until for e in _evidence(records) if e.valid_until and e.counts(case.now)]
        return min([*ends, case.now + self.recheck] if "now" in names else ends, default=None)


def _compiled(cases: tuple[When, ...], needs: tuple[str, ...]) -> tuple[Condition, ...]:
    flaws: list[tuple[tuple[str | int, ...], str]] = [
        (("needs", position), _no_kind(kind)) for position, kind in enumerate(needs) if kind not in VALUES
    ]
    if not cases:
        flaws.append((("cases",), "there must be one at least"))
    made: list[Condition] = []
    for position, case in enumerate(cases if not flaws else ()):
        try:
            made.append(_condition(case.when, needs))
        except Complaint as error:
            flaws.append((("cases", position, "when"), str(error)))
    if flaws:
        raise InvalidConfiguration("cel", "; ".join(text for _, text in flaws), flaws)
    return tuple(made)


def _condition(source: str, needs: tuple[str, ...]) -> Condition:
    try:
        from gridmask.rules.cel.engine import compiled  # noqa: PLC0415 - nobody without such a rule pays for the library
    except ImportError as error:
        raise Complaint(f"cel-expr-python, which such rules need, cannot be loaded here: {error}") from error
    return compiled(source, tuple(sorted(set(needs))))


def _no_kind(kind: str) -> str:
    near = suggest(kind, VALUES)
    return f"there is no kind of evidence {kind!r}; " + (f"did you mean {near!r}?" if near else f"there are {', '.join(VALUES)}")


def _missing(case: Case, kind: str, found: list[Reading[Any]], names: frozenset[str]) -> list[Reason]:
    wanted = found if f"all_{kind}" in names else newest(found)
    gaps = [_gap(one, case) for one in wanted if one.is_gap(case)]
    if found:
        return gaps
    silent = [silence(c) for c in case.coverage if c.kind == kind and not c.counts(case.now)]
    return silent or [Reason(ReasonKind.MISSING, f"No source tells of its {kind}.")]


def newest(found: list[Reading[Any]]) -> list[Reading[Any]]:
    """The newest of ``found``, in a list; of several of one moment, always the same."""
    return [max(found, key=lambda one: (one.evidence[0].observed_at, one.evidence[0].key))] if found else []


def _gap(one: Reading[Any], case: Case) -> Reason:
    evidence = one.evidence[0]
    source, record, _ = evidence.key
    if evidence.counts(case.now):
        return Reason(ReasonKind.MISSING, f"{source} cannot be right about {record}: {one.flaw}.", source=source, record=record)
    told = f"{source} last told of {record} at {evidence.observed_at:%Y-%m-%d %H:%M} UTC, which is too long ago to rely on."
    return Reason(ReasonKind.MISSING, told, source=source, record=record, since=evidence.valid_until)


def _error(text: str) -> Reason:
    return Reason(ReasonKind.ERROR, text)


def _reason(text: str, records: Mapping[str, list[Reading[Any]]]) -> Reason:
    """Where all is from one record, that is named."""
    keys = {(e.key.source, e.key.record) for e in _evidence(records)}
    source, record = keys.pop() if len(keys) == 1 else ("", "")
    return Reason(ReasonKind.MEASUREMENT, text, source=source, record=record)


def _evidence(records: Mapping[str, list[Reading[Any]]]) -> list[Evidence]:
    return [e for found in records.values() for one in found for e in one.evidence]


def _told(conditions: tuple[Condition, ...], records: Mapping[str, list[Reading[Any]]]) -> str:
    """The values that conditions name, for people."""
    named = dict.fromkeys(pair for condition in conditions for pair in condition.fields if pair[0] in records)
    told = []
    for kind, name in [*named][:_MOST_TOLD]:
        value = getattr(newest(records[kind])[0].values[0], name, None)
        if isinstance(value, int | float | str):
            told.append(f"{kind}.{name} is {roughly(value) if kind == SPACE and not isinstance(value, str) else value}")
    return f" ({', '.join(told)})" if told else ""
