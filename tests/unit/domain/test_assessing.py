from __future__ import annotations

from dataclasses import dataclass, field

from gridmask.domain.assessing import Assessor
from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.measurements import Metric
from gridmask.domain.policy import Case, Finding, Rule
from gridmask.domain.status import Status
from gridmask.testing import case, element, measured

CE = element("ce")
LOAD = measured(Metric("load", 1.0), CE)


@dataclass(frozen=True)
class Asked:
    """Remembers whose rows it was asked about."""

    same_for_all_vos: bool = True
    rows: list[str] = field(default_factory=list)

    def assess(self, case: Case) -> Finding:
        self.rows.append(f"{case.row.status_type} {case.row.vo}")
        return Finding(Status.ACTIVE, (Reason(ReasonKind.CONSTANT, case.row.vo),))


def ask(assessor: Assessor, rule: Rule, *vos: str, status_type: str = "all", told: bool = True) -> None:
    for vo in vos:
        assessor.assess(rule, case(CE, at="12:00", vo=vo, status_type=status_type, evidence=[LOAD] if told else []))


def test_what_is_the_same_for_all_vos_is_asked_once() -> None:
    rule, assessor = Asked(), Assessor()
    ask(assessor, rule, "all", "cms", "atlas")
    assert rule.rows == ["all all"]


def test_what_may_differ_is_asked_for_each_vo() -> None:
    rule, assessor = Asked(same_for_all_vos=False), Assessor()
    ask(assessor, rule, "all", "cms")
    assert rule.rows == ["all all", "all cms"]


def test_a_vo_with_other_evidence_is_asked_for_by_itself() -> None:
    rule, assessor = Asked(), Assessor()
    ask(assessor, rule, "all")
    ask(assessor, rule, "cms", told=False)
    assert rule.rows == ["all all", "all cms"]


def test_each_status_type_is_asked_for_by_itself() -> None:
    rule, assessor = Asked(), Assessor()
    ask(assessor, rule, "all", status_type="Read")
    ask(assessor, rule, "all", status_type="Write")
    assert rule.rows == ["Read all", "Write all"]


def test_two_rules_that_are_equal_are_two_all_the_same() -> None:
    one, other, assessor = Asked(), Asked(), Assessor()
    ask(assessor, one, "all")
    ask(assessor, other, "all")
    assert (one.rows, other.rows) == (["all all"], ["all all"])
