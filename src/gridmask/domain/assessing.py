"""Assessing: asks the rules about the rows of one element, and none of them twice where the answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.decision import Verdict, combine
from gridmask.domain.policy import Case, Finding, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.domain.element import Element, RowKey
    from gridmask.domain.evidence import Coverage
    from gridmask.domain.hearing import Hearing
    from gridmask.domain.mask import Holding
    from gridmask.domain.places import Place
    from gridmask.domain.policy import Panel, Policy, PolicySet


class Answer(NamedTuple):
    """What a policy says: None, where it depends on what it said of the row before. ``finding``: what its rule found."""

    verdict: Verdict | None
    finding: Finding


class Vote:
    """What verdicts add up to, and when that can be another without new evidence."""

    __slots__ = ("lasting", "reasons", "status", "until", "verdicts")

    def __init__(self, verdicts: Iterable[Verdict], findings: Iterable[Finding]) -> None:
        """``findings``: what the ``verdicts`` were made of."""
        self.verdicts = tuple(verdicts)
        self.until = min([finding.until for finding in findings if finding.until is not None], default=None)
        combination = combine(self.verdicts)
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
        # by identity: to compare policies and evidence would cost more than it saves
        self._answers: dict[int, dict[_Question, Answer]] = {}
        self._votes: dict[tuple[int, int, str], Vote | None] = {}

    def case(self, row: RowKey) -> Case:
        """What rules are asked about ``row``."""
        return Case(row, self._element, self.hearing.by(row.vo), self._coverage, self.now, self._around)

    def panel(self, row: RowKey) -> Panel:
        """The policies that have a say about ``row``."""
        place = self._places.get(row.status_type)
        if place is None:
            place = self._places[row.status_type] = self.policies.place(row, self._element)
        return self.policies.panel(row.vo, place)

    def answer(self, policy: Policy, scope: Scope, case: Case) -> Answer:
        """What ``policy`` says in ``case``: the very same wherever its ``scope`` says that it is."""
        known, question = self._answers.setdefault(id(case.evidence), {}), _question(policy, scope, case.row)
        found = known.get(question)
        if found is None:
            found = known[question] = _answered(policy, policy.rule.assess(case))
        return found

    def common_vote(self, panel: Panel, case: Case) -> Vote | None:
        """How ``panel`` votes about any row that hears the same; None where that depends on the row."""
        if panel.scope is Scope.ROW:
            return None
        question = id(panel), id(case.evidence), "" if panel.scope is Scope.ALL_ROWS else case.row.status_type
        if question not in self._votes:
            self._votes[question] = self._common_vote(panel, case)
        return self._votes[question]

    def _common_vote(self, panel: Panel, case: Case) -> Vote | None:
        verdicts, findings = [], []
        known = self._answers.setdefault(id(case.evidence), {})
        for policy, scope in panel.members:
            # most answers are known, and the same for all rows
            verdict, finding = known.get(id(policy)) or self.answer(policy, scope, case)
            if verdict is None:
                return None
            verdicts.append(verdict)
            findings.append(finding)
        return Vote(verdicts, findings)


_Question = int | tuple[int, str, str]
"""A policy by its identity; where what it says is not the same for all rows, with the status type, and maybe the VO."""


def _question(policy: Policy, scope: Scope, row: RowKey) -> _Question:
    if scope is Scope.ALL_ROWS:
        return id(policy)
    return id(policy), row.status_type, row.vo if scope is Scope.ROW else ""


def _answered(policy: Policy, finding: Finding) -> Answer:
    # what is missing is filled by what was said of a row before
    if finding.status is None:
        return Answer(None, finding)
    said = Verdict(policy.name, policy.layer, finding.status, finding.reasons, policy.advisory, finding.lasting)
    return Answer(said, finding)
