"""Assessing: asks the rules about the rows of one element, and none of them twice where the answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.decision import Combination, Verdict, combine
from gridmask.domain.policy import Case

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime

    from gridmask.domain.element import Element, RowKey
    from gridmask.domain.evidence import Coverage
    from gridmask.domain.hearing import Hearing
    from gridmask.domain.mask import Holding
    from gridmask.domain.panel import Panel
    from gridmask.domain.places import Place
    from gridmask.domain.policy import Finding, Policy, PolicySet


class Vote:
    """What verdicts add up to, and when that can be another without new evidence."""

    __slots__ = ("lasting", "reasons", "status", "until", "verdicts")

    def __init__(self, verdicts: tuple[Verdict, ...], until: datetime | None) -> None:
        combination: Combination = combine(verdicts)
        self.verdicts = verdicts
        self.until = until
        self.status = combination.status
        self.reasons = combination.reasons
        self.lasting = combination.lasting


class Assessor:
    """Asks the policies about the rows of one element at one moment.

    Rows of many VOs rest on the same evidence, under the same policies. A rule that is ``same_for_all_vos`` is asked once for
    all of them, one that is ``same_for_all_rows`` once for all status types, too; any other for each.
    """

    def __init__(
        self,
        policies: PolicySet,
        element: Element,
        hearing: Hearing,
        coverage: tuple[Coverage, ...],
        now: datetime,
        around: tuple[Holding, ...] = (),
    ) -> None:
        """``coverage``: what speaks of ``element``. ``around``: see :class:`~gridmask.domain.policy.Case`."""
        self.policies = policies
        self.hearing = hearing
        self.now = now
        self._element = element
        self._coverage = coverage
        self._around = around
        self._places: dict[str, Place] = {}
        self._found: dict[tuple[int, int, str, str], Finding] = {}
        self._verdicts: dict[tuple[int, int], tuple[Verdict, Finding]] = {}
        self._votes: dict[Hashable, Vote | None] = {}

    def case(self, row: RowKey) -> Case:
        """What rules are asked about ``row``."""
        return Case(row, self._element, self.hearing.by(row.vo), self._coverage, self.now, self._around)

    def panel(self, row: RowKey) -> Panel:
        """The policies that have a say about ``row``."""
        place = self._places.get(row.status_type)
        if place is None:
            place = self._places[row.status_type] = self.policies.place(row, self._element)
        return self.policies.panel(row.vo, place)

    def assess(self, policy: Policy, case: Case) -> Finding:
        """What the rule of ``policy`` finds in ``case``."""
        row, rule = case.row, policy.rule
        if getattr(rule, "same_for_all_rows", False):
            aspect = vo = ""
        elif getattr(rule, "same_for_all_vos", False):
            aspect, vo = row.status_type, ""
        else:
            aspect, vo = row.status_type, row.vo
        # the very same rule and pieces of evidence: to compare them would cost more than it saves
        question = id(rule), id(case.evidence), aspect, vo
        found = self._found.get(question)
        if found is None:
            found = self._found[question] = rule.assess(case)
        return found

    def common_vote(self, panel: Panel, case: Case) -> Vote | None:
        """How ``panel`` votes about any row that hears the same; None where that depends on the row."""
        if panel.asks_rows:
            return None
        question = id(panel), id(case.evidence), case.row.status_type if panel.tells_aspects_apart else ""
        if question not in self._votes:
            self._votes[question] = self._common_vote(panel, case)
        return self._votes[question]

    def _common_vote(self, panel: Panel, case: Case) -> Vote | None:
        findings = [(policy, self.assess(policy, case)) for policy in panel.policies]
        # what is missing is filled by what was said of the row before
        if any(finding.status is None for _, finding in findings):
            return None
        return Vote(tuple([self.verdict(policy, finding) for policy, finding in findings]), earliest(findings))

    def verdict(self, policy: Policy, finding: Finding) -> Verdict:
        """What ``policy`` says that found ``finding``, which is not that anything is missing: the very same each time."""
        question = id(policy), id(finding)
        known = self._verdicts.get(question)
        if known is None:
            assert finding.status is not None
            said = Verdict(policy.name, policy.layer, finding.status, finding.reasons, policy.advisory, finding.lasting)
            # that it is kept keeps its identity from being another's
            known = self._verdicts[question] = said, finding
        return known[0]


def earliest(findings: Iterable[tuple[Policy, Finding]]) -> datetime | None:
    """When the first of ``findings`` can be another without new evidence."""
    return min([finding.until for _, finding in findings if finding.until is not None], default=None)
