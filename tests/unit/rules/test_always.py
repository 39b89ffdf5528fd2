from __future__ import annotations

from hypothesis import given

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.status import Status
from gridmask.rules import BUILT_IN, Always
from gridmask.testing import case, coverage, downtime, element
from tests.unit.domain.strategies import statuses

CE = element()
CASE = case(CE, downtime("10:00", None, CE), at="11:00", covered_by=[coverage(answered_at=None)])


@given(statuses)
def test_it_always_asks_for_the_same(status: Status) -> None:
    found = Always(status).assess(CASE)
    assert (found.status, found.until, found.lasting) == (status, None, True)


def test_it_says_why_if_it_was_told() -> None:
    assert Always(Status.BANNED).assess(CASE).reasons == (Reason(ReasonKind.CONSTANT, "Always Banned."),)
    assert Always(Status.BANNED, "retired").assess(CASE).reasons[0].text == "Always Banned: retired"


def test_policies_call_it_always() -> None:
    assert BUILT_IN["always"] is Always
