"""Availability: what a service says of itself, in a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.measurements import STATE, State
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, Reading, Several, concluded, readings

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding

STATES: Mapping[str, Status] = {
    "production": Status.ACTIVE,
    "draining": Status.BANNED,
    "queueing": Status.DEGRADED,
    "closed": Status.BANNED,
}
"""What the serving states of GLUE 2 ask for, in lower case."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A state, taken as a measurement that is flawed where nobody knows what its word asks for."""

    state: State
    asks: Status | None

    @property
    def flaw(self) -> str:
        return "" if self.asks is not None else f"nobody knows what the state {self.state.value[:80]!r} means"


@dataclass(frozen=True, slots=True)
class Availability:
    """The word that a service has for its state decides, whatever its case.

    As DIRAC's ``CEAvailability``. Unlike there, from a word that is not known nothing follows, rather than a ban: the last
    verdict stands where it could be another by that word.

    Attributes:
        states: what words ask for, beside :data:`STATES`.
        unknown_state: what a word asks for that is in neither; left out, nothing follows from it.
        several: of several records, such as the queues of a computing element, whether the best or the worst decides.
    """

    states: Mapping[str, Status] = field(default_factory=dict)
    unknown_state: Status | None = None
    several: Several = Several.BEST

    same_for_all_rows = True
    reads = frozenset({STATE})

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        known = {**STATES, **{word.casefold(): status for word, status in self.states.items()}}
        found = [
            Reading((_Word(one.values[0], known.get(one.values[0].value.casefold(), self.unknown_state)),), one.evidence)
            for one in readings(case, STATE, State)
        ]
        return concluded(case, STATE, found, Judgement(_opinion, self.several.of, min(known.values())))


def _opinion(values: tuple[_Word, ...]) -> Opinion:
    (word,) = values
    told = f"It says that its state is {word.state.value}" + (f": {word.state.comment}" if word.state.comment else ".")
    return Opinion(Status.UNKNOWN if word.asks is None else word.asks, told)
