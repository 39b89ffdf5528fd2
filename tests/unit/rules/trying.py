"""A rule tried on measurements of one element."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from gridmask.testing import case, element, measured

if TYPE_CHECKING:
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.measurements import Measurement
    from gridmask.domain.policy import Finding, Rule

CE = element()


def known(*values: Measurement, **more: str) -> tuple[Evidence, ...]:
    """Each of ``values`` as a record of its own."""
    return tuple(measured(value, CE, record=str(number), **more) for value, number in zip(values, count(1), strict=False))


def tried(rule: Rule, *evidence: Evidence, at: str = "12:00", **more: Any) -> Finding:  # noqa: ANN401 - as the case has it
    """What ``rule`` finds."""
    return rule.assess(case(CE, at=at, evidence=evidence, **more))


def told(rule: Rule, *values: Measurement) -> str:
    """The texts of what ``rule`` finds."""
    return " ".join(reason.text for reason in tried(rule, *known(*values)).reasons)
