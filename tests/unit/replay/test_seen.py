"""What a VO saw is what its mask said: its own row, else that of all, and a binding one of all before any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.element import WHOLE, RowKey
from gridmask.domain.events import InventoryChanged, StatusSet, VosChanged
from gridmask.domain.mask import Absence
from gridmask.domain.status import Status
from gridmask.recording.happening import Happening
from gridmask.replay.seen import readers, stretches
from gridmask.testing import moment
from tests.unit.replay.lives import CE, PERSON, announced, by_hand, life, outage

if TYPE_CHECKING:
    from tests.unit.replay.lives import Life


def told(lived: Life, vo: str) -> list[tuple[str, object]]:
    """When the VO saw what, in hours."""
    outcome = lived.outcome()
    seen = stretches(outcome, outcome.pasts[CE.key], WHOLE, vo)
    return [(f"{one.start:%H}", one.absence if one.status is None else one.status) for one in seen]


def test_a_vo_sees_its_own_row_and_others_that_of_all() -> None:
    lived = life(by_hand("08:00", Status.BANNED, vo="cms"), vos=("atlas", "cms"))
    assert told(lived, "cms") == [("00", Status.ACTIVE), ("08", Status.BANNED)]
    assert told(lived, "atlas") == told(lived, "all") == [("00", Status.ACTIVE)]


def test_a_binding_row_of_all_outranks_that_of_a_vo() -> None:
    ban = StatusSet(PERSON, (RowKey(CE.key, WHOLE, "all"),), Status.BANNED, "Intrusion.", binding=True)
    lived = life(by_hand("08:00", Status.DEGRADED, vo="cms"), Happening(moment("10:00"), ban), vos=("cms",))
    assert told(lived, "cms") == [("00", Status.ACTIVE), ("08", Status.DEGRADED), ("10", Status.BANNED)]


def test_what_a_mask_does_not_show_is_apart() -> None:
    edits = [replace(CE, offered=frozenset({"cms"})), replace(CE, in_service=False)]
    changes = [Happening(moment(f"1{n}:00"), InventoryChanged("i", edited=(one,))) for n, one in enumerate(edits)]
    lived = life(*changes, vos=("atlas", "cms"))
    assert told(lived, "atlas") == [
        ("00", Status.ACTIVE),
        ("10", Absence.NOT_OFFERED),
        ("11", Absence.OUT_OF_SERVICE),
    ]
    assert told(lived, "cms") == [("00", Status.ACTIVE), ("11", Absence.OUT_OF_SERVICE)]


def test_a_vo_that_is_not_there_sees_nothing() -> None:
    lived = life(Happening(moment("06:00"), VosChanged(added=frozenset({"cms"}))))
    assert told(lived, "cms") == [("00", Absence.NOT_KNOWN), ("06", Status.ACTIVE)]


def test_those_who_see_the_same_are_together() -> None:
    lived = life(
        by_hand("08:00", Status.BANNED, vo="cms"), announced("09:00", outage("10:00", None)), vos=("atlas", "cms", "lhcb")
    )
    outcome = lived.outcome()
    assert [one.vos for one in readers(outcome, outcome.pasts[CE.key])] == [("all", "atlas", "lhcb"), ("cms",)]
