"""Assessing: asks rules about the rows of one element, and none of them twice where the answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding, Rule


class Assessor:
    """Asks rules about the rows of one element at one moment.

    Rows of many VOs rest on the same evidence, under the same policies. A rule that is ``same_for_all_vos`` is asked once for
    all of them; any other for each.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, str, tuple[int, ...]], Finding] = {}

    def assess(self, rule: Rule, case: Case) -> Finding:
        """What ``rule`` finds in ``case``."""
        if not getattr(rule, "same_for_all_vos", False):
            return rule.assess(case)
        # the very same rule and pieces of evidence: to compare them would cost more than it saves
        question = id(rule), case.row.status_type, tuple(map(id, case.evidence))
        found = self._found.get(question)
        if found is None:
            found = self._found[question] = rule.assess(case)
        return found
