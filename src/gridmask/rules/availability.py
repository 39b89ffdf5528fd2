"""Availability: what a service says of itself, in a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.measurements import STATE, State
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, Several, concluded, readings

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
class Availability:
    """The word that a service has for its state decides, whatever its case.

    As DIRAC's ``CEAvailability``. Unlike there, a word that is not known says nothing, rather than ban.

    Attributes:
        states: what words ask for, beside :data:`STATES`.
        unknown_state: what a word asks for that is in neither.
        several: of several records, such as the queues of a computing element, whether the best or the worst decides.
    """

    states: Mapping[str, Status] = field(default_factory=dict)
    unknown_state: Status = Status.UNKNOWN
    several: Several = Several.BEST

    same_for_all_vos = True

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        known = {**STATES, **{word.casefold(): status for word, status in self.states.items()}}

        def opinion(values: tuple[State, ...]) -> Opinion:
            word, comment = values[0].value, values[0].comment
            told = f"It says that its state is {word}" + (f": {comment}" if comment else ".")
            return Opinion(known.get(word.casefold(), self.unknown_state), told)

        judgement = Judgement(opinion, self.several.of, min(known.values()))
        return concluded(case, STATE, readings(case, STATE, State), judgement)
