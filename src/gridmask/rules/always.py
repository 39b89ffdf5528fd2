"""Rules that always say the same, as DIRAC's ``AlwaysActive``, ``AlwaysBanned`` and their like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.policy import Finding
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.domain.policy import Case


@dataclass(frozen=True, slots=True)
class Always:
    """Asks for ``status``, whatever the evidence; ``comment`` tells people why."""

    status: Status
    comment: str = ""

    same_for_all_rows = True
    reads = frozenset[str]()

    def assess(self, case: Case) -> Finding:  # noqa: ARG002 - that is the point
        """See :class:`~gridmask.domain.policy.Rule`."""
        text = f"Always {self.status.label}" + (f": {self.comment}" if self.comment else ".")
        return Finding(self.status, (Reason(ReasonKind.CONSTANT, text),))
