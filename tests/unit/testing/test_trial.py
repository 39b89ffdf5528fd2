from __future__ import annotations

from gridmask.domain.instructions import SaveRow
from gridmask.domain.status import Status
from gridmask.testing import Trial, downtime, element, state

CE, SE = element("ce"), element("se", "FTS")
DOWN = downtime("10:00", "12:00", CE)


def test_a_trial_begins_with_everything_evaluated() -> None:
    tried = Trial(state(CE, downtimes=[DOWN]), at="11:00")
    assert tried.status(CE) is Status.BANNED
    assert [type(i) for i in tried.instructions][:1] == [SaveRow]


def test_what_a_trial_does_not_have_it_says_nothing_of() -> None:
    tried = Trial(state(CE))
    assert tried.status(SE) is None
    assert tried.row(SE) is tried.row(CE, "cms") is None


def test_a_downtime_is_announced_edited_and_withdrawn() -> None:
    tried = Trial(state(CE, SE), at="11:00")
    tried.announce(DOWN)
    moved = downtime("10:00", "12:00", SE)
    tried.announce(moved, instead_of=[DOWN])
    assert [tried.status(one) for one in (CE, SE)] == [Status.ACTIVE, Status.BANNED]
    tried.withdraw(moved)
    assert tried.status(SE) is Status.ACTIVE


def test_the_mask_is_that_of_what_is_there() -> None:
    tried = Trial(state(CE, SE))
    tried.take_out(SE)
    assert tried.mask("cms").entries.keys() == {CE.key}
