"""A rule written by users: conditions on evidence, and the status that each of them asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from gridmask.cel.text import Complaint, Failed
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.measurements import SPACE, VALUES
from gridmask.domain.policy import Finding
from gridmask.domain.quantities import roughly
from gridmask.domain.spelling import suggest
from gridmask.domain.status import Status
from gridmask.rules.reading import missing, newest, readings

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.cel.engine import Condition
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.policy import Case
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


class _Plan(NamedTuple):
    """What a rule is worked out to once: its conditions, what these name, and what makes the values of that."""

    conditions: tuple[Condition, ...]
    names: frozenset[str]
    fields: tuple[tuple[str, str], ...]
    values: Callable[[Case, Mapping[str, list[Reading[Any]]], frozenset[str]], dict[str, object]]


class _Planned:
    """Holds the plan, which is no argument."""

    __slots__ = ("_plan",)
    if TYPE_CHECKING:  # what is annotated at run time is an argument
        _plan: _Plan


@dataclass(frozen=True, slots=True)
class Cel(_Planned):
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
        object.__setattr__(self, "_plan", _planned(self.cases, self.needs))
        if not self.recheck:
            raise InvalidConfiguration(
                "recheck", "no time at all is too short", [(("recheck",), "no time at all is too short")]
            )

    @property
    def reads(self) -> frozenset[str]:
        """The kinds that its conditions are about."""
        return frozenset(self.needs)

    @property
    def same_for_all_rows(self) -> bool:
        """Whether its conditions leave the row out of it."""
        return "row" not in self._plan.names

    def __reduce__(self) -> tuple[Any, ...]:
        return Cel, (self.cases, self.needs, self.otherwise, self.recheck)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        names = self._plan.names
        records = {kind: readings(case, kind, VALUES[kind]) for kind in self.needs}
        until = self._until(case, records)
        gone = [reason for kind in self.needs for reason in _missing(case, kind, records[kind], names)]
        if gone:
            return Finding(None, tuple(gone[:_MOST_TOLD]), until)
        if any(len(found) > _MOST_RECORDS for found in records.values()):
            return _failed(f"There are more than {_MOST_RECORDS:,} records of evidence.", until)
        try:
            data = self._plan.values(case, records, names)
        except (ValueError, TypeError) as error:
            return _failed(f"The evidence cannot be shown to its conditions: {error}.", until)
        return self._decided(data, records, until)

    def _decided(
        self, data: Mapping[str, object], records: Mapping[str, list[Reading[Any]]], until: datetime | None
    ) -> Finding:
        told = _told(self._plan.fields, records)
        for number, (one, condition) in enumerate(zip(self.cases, self._plan.conditions, strict=True), 1):
            try:
                if condition.holds(data):
                    return Finding(one.then, (_reason(f"{(one.because or one.when).rstrip('.')}{told}.", records),), until)
            except Failed as error:
                return _failed(f"Condition {number} ({one.when}) could not be evaluated: {error}{told}.", until)
        return Finding(self.otherwise, (_reason(f"No condition holds{told}.", records),), until)

    def _until(self, case: Case, records: Mapping[str, list[Reading[Any]]]) -> datetime | None:
        ends = [e.valid_until for e in _evidence(records) if e.valid_until and e.counts(case.now)]
        return min([*ends, case.now + self.recheck] if "now" in self._plan.names else ends, default=None)


def _planned(cases: tuple[When, ...], needs: tuple[str, ...]) -> _Plan:
    conditions = _compiled(cases, needs)
    from gridmask.rules.cel.values import values  # noqa: PLC0415 - nobody without such a rule pays for the library

    names = frozenset().union(*(condition.names for condition in conditions))
    fields = dict.fromkeys(pair for condition in conditions for pair in condition.fields if pair[0] in needs)
    return _Plan(conditions, names, tuple(fields)[:_MOST_TOLD], values)


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
        from gridmask.cel.engine import compiled  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise Complaint(f"cel-expr-python, which such rules need, cannot be loaded here: {error}") from error
    return compiled(source, tuple(sorted(set(needs))))


def _no_kind(kind: str) -> str:
    near = suggest(kind, VALUES)
    return f"there is no kind of evidence {kind!r}; " + (
        f"did you mean {near!r}?" if near else f"there are {', '.join(VALUES)}"
    )


def _missing(case: Case, kind: str, found: list[Reading[Any]], names: frozenset[str]) -> tuple[Reason, ...]:
    wanted = found if f"all_{kind}" in names else newest(found)
    gaps = [one for one in wanted if one.is_gap(case)]
    return missing(case, kind, gaps) if gaps or not found else ()


def _failed(text: str, until: datetime | None) -> Finding:
    return Finding(None, (Reason(ReasonKind.ERROR, text),), until)


def _reason(text: str, records: Mapping[str, list[Reading[Any]]]) -> Reason:
    """Where all is from one record, that is named."""
    keys = {e.key[:2] for e in _evidence(records)}
    source, record = keys.pop() if len(keys) == 1 else ("", "")
    return Reason(ReasonKind.MEASUREMENT, text, source=source, record=record)


def _evidence(records: Mapping[str, list[Reading[Any]]]) -> list[Evidence]:
    return [e for found in records.values() for one in found for e in one.evidence]


def _told(fields: tuple[tuple[str, str], ...], records: Mapping[str, list[Reading[Any]]]) -> str:
    """The values of ``fields``, for people."""
    told = []
    for kind, name in fields:
        value = getattr(newest(records[kind])[0].values[0], name, None)
        if isinstance(value, int | float | str):
            told.append(f"{kind}.{name} is {roughly(value) if kind == SPACE and not isinstance(value, str) else value}")
    return f" ({', '.join(told)})" if told else ""
