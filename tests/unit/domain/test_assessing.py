from __future__ import annotations

from dataclasses import dataclass, field

from gridmask.domain.assessing import Assessor
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import RowKey
from gridmask.domain.hearing import Hearing
from gridmask.domain.measurements import Metric
from gridmask.domain.policy import Case, Finding, Panel, Policy, PolicySet
from gridmask.domain.status import Status
from gridmask.testing import element, measured, moment

CE = element("ce")
GENERAL, OWN = measured(Metric("load", 1.0), CE), measured(Metric("load", 2.0), CE, vo="lhcb")


@dataclass(frozen=True, eq=False)
class Asked:
    """Remembers whose rows it was asked about."""

    same_for_all_vos: bool = True
    same_for_all_rows: bool = False
    rows: list[str] = field(default_factory=list)

    def assess(self, case: Case) -> Finding:
        self.rows.append(f"{case.row.status_type} {case.row.vo}")
        return Finding(Status.ACTIVE, (Reason(ReasonKind.CONSTANT, case.row.vo),))


def asked(rule: Asked) -> Policy:
    return Policy("asked", rule)


def ask(assessor: Assessor, policy: Policy, *vos: str, status_type: str = "all") -> None:
    ((_, scope),) = Panel.of((policy,)).members
    for vo in vos:
        assessor.answer(policy, scope, assessor.case(RowKey(CE.key, status_type, vo)))


def assessor() -> Assessor:
    return Assessor(PolicySet(), CE, Hearing([GENERAL, OWN]), (), moment("12:00"))


def test_what_is_the_same_for_all_vos_is_asked_once() -> None:
    rule = Asked()
    ask(assessor(), asked(rule), "all", "cms", "atlas")
    assert rule.rows == ["all all"]


def test_what_may_differ_is_asked_for_each_vo() -> None:
    rule = Asked(same_for_all_vos=False)
    ask(assessor(), asked(rule), "all", "cms")
    assert rule.rows == ["all all", "all cms"]


def test_a_vo_with_other_evidence_is_asked_for_by_itself() -> None:
    rule = Asked(same_for_all_rows=True)
    ask(assessor(), asked(rule), "all", "cms", "lhcb")
    assert rule.rows == ["all all", "all lhcb"]


def test_each_status_type_is_asked_for_by_itself() -> None:
    rule, one = Asked(), assessor()
    policy = asked(rule)
    ask(one, policy, "all", status_type="Read")
    ask(one, policy, "all", status_type="Write")
    assert rule.rows == ["Read all", "Write all"]


def test_what_is_the_same_for_all_rows_is_asked_once_for_all_status_types() -> None:
    rule, one = Asked(same_for_all_rows=True), assessor()
    policy = asked(rule)
    ask(one, policy, "all", "cms", status_type="Read")
    ask(one, policy, "all", status_type="Write")
    assert rule.rows == ["Read all"]


def test_two_policies_that_are_equal_are_two_all_the_same() -> None:
    first, second, one = Asked(), Asked(), assessor()
    policies = asked(first), asked(second)
    for policy in policies:
        ask(one, policy, "all")
    assert (first.rows, second.rows) == (["all all"], ["all all"])
