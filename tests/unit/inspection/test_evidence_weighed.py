from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.downtime import Announcement, Downtime, Interval, difference, is_over
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import PROBE, Probe
from gridmask.domain.upheaval import FEW, Deed
from gridmask.inspection.weighing import weigh_announcement, weigh_silence
from gridmask.source import Source
from gridmask.testing import downtime, element
from tests.clocks import NOW, at

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SOURCE = Source(name="feed", kind="osg-downtimes", url="https://osg.example.org/")
CE, SE = element("ce"), element("se")
BEGUN, TONIGHT = at(hours=-1), at(hours=5)


def several(count: int, start: datetime = BEGUN, end: datetime | None = TONIGHT) -> list[Downtime]:
    return [downtime(start, end, CE, record=str(number)) for number in range(count)]


def problems(before: list[Downtime], after: list[Downtime]) -> list[str]:
    known, announced = ({down.key: down for down in some} for some in (before, after))
    return [excess.how for excess in weigh_announcement(SOURCE, known, Announcement(announced), NOW).excesses]


def lasting(start: float, end: float | None) -> Callable[[Downtime], Downtime]:
    """The downtime is then, in hours from now."""
    until = None if end is None else at(hours=end)
    return lambda down: replace(down, interval=Interval(at(hours=start), until))


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (lasting(-1, 4), ["shorten"]),
        (lasting(-1, 6), []),
        (lasting(-1, None), []),
        (lasting(-2, 5), []),
        (lasting(-1, -0.5), ["take out"]),
        (lasting(2, 9), ["take out"]),
        (lambda down: replace(down, severity="WARNING"), ["take out"]),
        (lambda down: replace(down, targets=frozenset({SE.key})), ["take out"]),
        (lambda down: replace(down, targets=frozenset({CE.key, SE.key})), []),
        (lambda down: replace(down, vo="cms"), ["take out"]),
        (lambda down: replace(down, description="The fans again", owner="somebody else", url="https://x/"), []),
    ],
)
def test_many_edits_that_take_something_back_are_too_much(edited: Callable[[Downtime], Downtime], expected: list[str]) -> None:
    before = several(10)
    assert problems(before, [edited(down) for down in before]) == expected
    assert problems(before, [edited(down) if n < FEW else down for n, down in enumerate(before)]) == []


def test_what_has_not_begun_yet_may_not_begin_later_all_at_once() -> None:
    before = several(10, at(hours=1), at(hours=5))
    assert problems(before, several(10, at(hours=2), at(hours=5))) == ["shorten"]
    assert problems(before, several(10, at(hours=0.5), at(hours=5))) == []


def test_however_many_are_new_weighs_nothing() -> None:
    assert problems([], several(500)) == []
    assert problems(several(6), several(500)) == []


def test_what_is_over_may_go() -> None:
    assert problems(several(10, at(hours=-2), at(hours=-1)), []) == []


def test_what_would_become_of_each_is_told() -> None:
    before = several(7)
    after = [lasting(-1, 4)(down) for down in before[1:]] + several(8)[7:]
    known, announced = ({down.key: down for down in some} for some in (before, after))
    found = weigh_announcement(SOURCE, known, Announcement(announced), NOW)
    assert (found.removed, found.changed, found.added) == (1, 6, 1)
    removed, changed, *_, added = found.items
    assert (removed.name, removed.before) == (
        "downtime 0",
        "OUTAGE of ComputingElement ce, 2026-08-21 16:00 to 2026-08-21 22:00",
    )
    assert (changed.after, added.deed) == ("OUTAGE of ComputingElement ce, 2026-08-21 16:00 to 2026-08-21 21:00", Deed.ADD)


spans = st.tuples(st.integers(-5, 5), st.one_of(st.none(), st.integers(-5, 9)))
feeds = st.dictionaries(st.integers(0, 20), spans, max_size=20).map(
    lambda told: [
        replace(lasting(a, b)(several(1)[0]), key=several(1)[0].key._replace(record=str(n))) for n, (a, b) in told.items()
    ]
)


@given(feeds, feeds)
def test_what_is_believed_withdraws_no_more_than_the_share(before: list[Downtime], after: list[Downtime]) -> None:
    known, announced = ({down.key: down for down in some} for some in (before, after))
    if not weigh_announcement(SOURCE, known, Announcement(announced), NOW).excesses:
        gone = difference(known, Announcement(announced), NOW).withdrawn
        assert len(gone) <= max(FEW, SOURCE.max_takeout * sum(not is_over(down, NOW) for down in before))


@pytest.mark.parametrize(("gone", "expected"), [(5, []), (6, ["take out"])])
def test_measurements_that_count_may_not_vanish_all_at_once(gone: int, expected: list[str]) -> None:
    known = {
        key: Evidence(key, PROBE, Probe("submit", "OK"), at(hours=-1), at(hours=1 if n < 10 else -0.5), vo="cms")
        for n, key in enumerate(EvidenceKey("own", f"r{n:02}", CE.key) for n in range(30))
    }
    found = weigh_silence(SOURCE, known, [*list(known)[:gone], *list(known)[10:]], NOW)
    assert [excess.how for excess in found.excesses] == expected
    if expected:
        assert (found.removed, found.items[0].name) == (20 + gone, "r00 of ComputingElement ce, for cms")


def measured(vo: str, count: int) -> dict[EvidenceKey, Evidence]:
    keys = (EvidenceKey("own", f"{vo}{n:02}", CE.key) for n in range(count))
    return {key: Evidence(key, PROBE, Probe("submit", "OK"), at(hours=-1), at(hours=1), vo=vo) for key in keys}


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ({"cms": 5}, []),
        ({"cms": 6}, ["take out, of what is about cms,"]),
        ({"all": 15, "cms": 5}, []),
        ({"all": 21}, ["take out, of what is about everyone,"]),
        ({"all": 30}, ["take out"]),
    ],
)
def test_nor_may_much_of_what_is_about_one_vo_however_little_that_is_of_all(gone: dict[str, int], expected: list[str]) -> None:
    known = measured("all", 100) | measured("cms", 10)
    lost = [key for vo, count in gone.items() for key in list(measured(vo, count))]
    assert [excess.how for excess in weigh_silence(SOURCE, known, lost, NOW).excesses] == expected


def test_where_being_gone_says_that_there_is_none_the_vos_are_not_told_apart() -> None:
    known = measured("all", 100) | measured("cms", 10)
    assert weigh_silence(SOURCE, known, list(measured("cms", 10)), NOW, by_vo=False).excesses == ()


def test_nor_may_most_downtimes_of_one_vo_be_withdrawn() -> None:
    of_cms = [replace(down, key=down.key._replace(record=f"c{n}"), vo="cms") for n, down in enumerate(several(10))]
    assert problems([*several(100), *of_cms], [*several(100), *of_cms[5:]]) == []
    assert problems([*several(100), *of_cms], [*several(100), *of_cms[6:]]) == ["take out, of what is about cms,"]


@given(st.dictionaries(st.sampled_from(("all", "cms", "lhcb")), st.tuples(st.integers(0, 40), st.integers(0, 40))))
def test_of_what_is_believed_no_vo_loses_more_than_the_share(told: dict[str, tuple[int, int]]) -> None:
    known = {key: item for vo, (count, _) in told.items() for key, item in measured(vo, count).items()}
    gone = [key for vo, (count, lost) in told.items() for key in list(measured(vo, count))[:lost]]
    if not weigh_silence(SOURCE, known, gone, NOW).excesses:
        for count, lost in told.values():
            assert min(count, lost) <= max(FEW, SOURCE.max_takeout * count)
