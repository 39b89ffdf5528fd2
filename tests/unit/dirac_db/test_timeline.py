from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gridmask.dirac_db.naming import Naming
from gridmask.dirac_db.record import Record
from gridmask.dirac_db.report import About, Report
from gridmask.dirac_db.tables import Part, Table
from gridmask.dirac_db.timeline import Timeline, Track
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.status import Status
from gridmask.domain.vo import VoRegistry

if TYPE_CHECKING:
    from gridmask.domain.takeover import Past

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - DIRAC's times are naive
NOW = datetime(2026, 6, 1, tzinfo=UTC)
LOG, HISTORY, STATUS = (Table("Resource", part) for part in (Part.LOG, Part.HISTORY, Part.STATUS))
CE1 = RowKey(ElementKey("Resource", "ComputingElement", "CE1"), "all", "all")


def record(number: int, status: str, minutes: float, *, table: Table = LOG, **other: str) -> Record:
    said = {"name": "CE1", "element_type": "ComputingElement", "owner": "rs_svc", "vo": "all", "reason": "why", **other}
    at = NAIVE + timedelta(minutes=minutes)
    forever = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - likewise
    return Record(
        table,
        number,
        said["name"],
        "all",
        status,
        said["reason"],
        at,
        forever,
        said["element_type"],
        at,
        said["owner"],
        said["vo"],
    )


def taken(*records: Record, tracks: tuple[Track, ...] = (), report: Report | None = None) -> list[Past]:
    naming = Naming([CE1.element], VoRegistry(frozenset({"lhcb"})), {})
    return Timeline(naming, NOW, report or Report(), tracks).take(records)


def said(past: list[Past]) -> list[str]:
    return [f"{one.old.label if one.old is not None else '-'}>{one.new.label}" for one in past]


def test_checks_that_say_the_same_again_are_no_changes() -> None:
    past = taken(*(record(n, status, n) for n, status in enumerate(("Active", "Active", "Banned", "Banned", "Active"), 1)))

    assert said(past) == ["->Active", "Active>Banned", "Banned>Active"]
    assert [one.at.minute for one in past] == [1, 3, 5]


def test_a_naive_time_is_utc() -> None:
    assert taken(record(1, "Active", 5))[0].at == datetime(2026, 1, 1, 0, 5, tzinfo=UTC)


def test_each_vo_has_a_past_of_its_own() -> None:
    past = taken(record(1, "Active", 1), record(2, "Banned", 2, vo="LHCb"), record(3, "Active", 3))

    assert [(one.key.vo, one.new) for one in past] == [("all", Status.ACTIVE), ("lhcb", Status.BANNED)]


def test_another_owner_is_a_change() -> None:
    past = taken(record(1, "Active", 1), record(2, "Active", 2, owner="expert"), record(3, "Active", 3))

    assert [(one.kind, one.owner, one.owner_before) for one in past[1:]] == [
        ("token", "expert", None),
        ("token", None, "expert"),
    ]


def test_a_blank_status_is_the_one_before() -> None:
    report = Report()
    past = taken(record(1, "Banned", 1), record(2, "", 2, owner="expert"), report=report)

    assert [(one.new, one.owner) for one in past] == [(Status.BANNED, None), (Status.BANNED, "expert")]
    assert report.counts[About.BLANK_STATUS] == 1


def test_a_blank_status_before_any_other_tells_nothing() -> None:
    assert taken(record(1, "", 1)) == []


def test_a_status_that_there_is_none_of_is_unknown_and_quoted() -> None:
    report = Report()
    [past] = taken(record(1, "Bad", 1), report=report)

    assert past.new is Status.UNKNOWN
    assert "'Bad'" in past.reason.text
    assert list(report.named[About.UNKNOWN_STATUS]) == ["Bad"]


def test_what_a_table_hands_on_to_another_is_taken_once() -> None:
    past = taken(record(7, "Active", 1, table=HISTORY), record(8, "Banned", 5, table=HISTORY), record(90, "Banned", 5))

    assert said(past) == ["->Active", "Active>Banned"]


def test_what_was_taken_before_is_not_taken_again() -> None:
    first = [record(1, "Active", 1), record(2, "Banned", 1), record(3, "Active", 1)]
    track = Track(CE1, NOW.replace(month=1, hour=0, minute=1), Status.ACTIVE, None, "ResourceLog", 3)

    assert said(taken(*first, record(4, "Probing", 9), tracks=(track,))) == ["Active>Probing"]


def test_ids_that_begin_anew_are_told_by_their_times() -> None:
    track = Track(CE1, NOW.replace(month=1, hour=0, minute=1), Status.ACTIVE, None, "ResourceLog", 5000)

    assert said(taken(record(1, "Banned", 2), tracks=(track,))) == ["Active>Banned"]


def test_a_record_out_of_order_is_told_after_the_one_before_it() -> None:
    report = Report()
    past = taken(record(1, "Active", 1), record(2, "Active", 9), record(3, "Banned", 8), report=report)

    assert [one.at.minute for one in past] == [1, 9]
    assert report.counts[About.OUT_OF_ORDER] == 1


def test_nothing_happened_in_the_future() -> None:
    assert taken(record(1, "Active", 60 * 24 * 365))[0].at == NOW


def test_a_name_without_a_type_anywhere_is_told_and_left() -> None:
    report = Report()

    assert taken(record(1, "Active", 1, name="x", element_type=""), report=report) == []
    assert list(report.named[About.NO_TYPE]) == ["x"]


def test_an_owner_as_long_as_the_column_may_have_been_cut() -> None:
    report = Report()
    taken(record(1, "Active", 1, owner="a" * 16), record(2, "Active", 2, owner="expert"), report=report)

    assert list(report.named[About.CUT_OWNER]) == ["a" * 16]


def test_what_is_so_now_ends_the_past_if_that_does_not_tell_of_it() -> None:
    past = taken(record(1, "Active", 1), record(0, "Banned", 9, table=STATUS))

    assert (said(past)[-1], past[-1].reason.record) == ("Active>Banned", "ResourceStatus")


def test_whose_a_row_is_now_does_not_tell_since_when() -> None:
    assert len(taken(record(1, "Active", 1), record(0, "Active", 1, table=STATUS, owner="expert"))) == 1


@given(
    st.lists(st.tuples(st.sampled_from(["Active", "Banned", "Degraded"]), st.integers(1, 3)), min_size=1, max_size=12),
    st.integers(0, 12),
)
def test_what_dirac_moves_to_its_history_between_two_imports_is_taken_once(checks: list[tuple[str, int]], moved: int) -> None:
    minutes = list(accumulate(step for _, step in checks))
    log = [record(n, status, at) for n, ((status, _), at) in enumerate(zip(checks, minutes, strict=True), 1)]
    first = taken(*log[:moved])
    tracks = (track_of(first[-1]),) if first else ()
    # as it does: the changes alone, under numbers of their own
    changes = [one for n, one in enumerate(log[:moved]) if n == 0 or log[n - 1].status != one.status]
    history = [one._replace(table=HISTORY, number=n) for n, one in enumerate(changes, 1)]
    second = taken(*history, *log[moved:], tracks=tracks)

    assert [(one.at, one.old, one.new) for one in first + second] == [(one.at, one.old, one.new) for one in taken(*log)]


def track_of(past: Past) -> Track:
    table, _, number = past.reason.record.partition("/")
    return Track(past.key, past.at, past.new, past.owner, table, int(number))


def given_back(*records: Record, report: Report | None = None) -> list[Past]:
    """The changes among these, where what was so here was written for DIRAC in the ninth minute."""
    naming, moment = Naming([CE1.element], VoRegistry(frozenset({"lhcb"})), {}), datetime(2026, 1, 1, 0, 9, 0, 5, tzinfo=UTC)
    return Timeline(naming, NOW, report or Report(), (), [moment]).take(records)


def test_what_was_written_from_here_is_no_change_of_dirac_but_what_it_goes_on_from() -> None:
    written = record(2, "Banned", 5)._replace(checked=NAIVE + timedelta(minutes=9))
    report = Report()
    past = given_back(record(1, "Active", 1), written, record(3, "Banned", 10), record(4, "Active", 11), report=report)

    assert said(past) == ["->Active", "Banned>Active"]
    assert report.counts[About.OURS] == 1


def test_what_dirac_changed_in_that_very_second_is_a_change() -> None:
    assert said(given_back(record(1, "Active", 1), record(2, "Banned", 9))) == ["->Active", "Active>Banned"]
