"""What must be true of any step, worked out without the code that is tried: slowly, from the promises."""

from __future__ import annotations

from tests.unit.domain.oracles.existence import check_existence, governing
from tests.unit.domain.oracles.holding import Takings, check_holds, waiting
from tests.unit.domain.oracles.looking import check_nothing_is_overlooked
from tests.unit.domain.oracles.parts import check_a_part_gives_the_same, check_the_order_of_evidence_does_not_matter
from tests.unit.domain.oracles.people import (
    check_automation_goes_no_further,
    check_followers,
    check_opinions,
    check_people_get_what_they_decide,
    check_people_keep_what_they_hold,
)
from tests.unit.domain.oracles.probing import Watch
from tests.unit.domain.oracles.taken import Taken, all_rows, known, take
from tests.unit.domain.oracles.telling import (
    check_a_second_look_changes_nothing,
    check_due,
    check_instructions,
    check_moved_masks,
    check_nothing_happens_before_it_is_due,
    due_at,
)
from tests.unit.domain.oracles.two_worlds import TwoWorlds
from tests.unit.domain.oracles.writing import check_a_world_is_written_down_whole, check_it_is_written_down_whole

__all__ = [
    "Taken",
    "Takings",
    "TwoWorlds",
    "Watch",
    "all_rows",
    "check_a_part_gives_the_same",
    "check_a_second_look_changes_nothing",
    "check_a_world_is_written_down_whole",
    "check_automation_goes_no_further",
    "check_due",
    "check_existence",
    "check_followers",
    "check_holds",
    "check_instructions",
    "check_it_is_written_down_whole",
    "check_moved_masks",
    "check_nothing_happens_before_it_is_due",
    "check_nothing_is_overlooked",
    "check_opinions",
    "check_people_get_what_they_decide",
    "check_people_keep_what_they_hold",
    "check_the_order_of_evidence_does_not_matter",
    "due_at",
    "governing",
    "known",
    "take",
    "waiting",
]
