"""OSG's history as it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import InvalidConfiguration
from gridmask.recording.events import DowntimesChanged
from gridmask.replay.importers import kinds, osg
from gridmask.replay.importers.histories import Early
from tests import histories
from tests.histories import group, moment, resource, version

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.recording.recording import Recording

CE = ElementKey("Resource", "ComputingElement", "R0")


def recorded(folder: Path, *versions: dict[str, Any], **asked: Any) -> Recording:  # noqa: ANN401 - of recorded
    inventory = histories.write(folder / "groups.jsonl", group("G", resource("R0", "CE", "SRMv2", vos=("CMS",))))
    return kinds.recorded(inventory, histories.write(folder / "history.jsonl", *versions), **asked)[0]


def told(recording: Recording) -> list[tuple[str, int, int, int]]:
    """When something was told, and how much of it was added, edited and withdrawn."""
    changes = [(line.at, line.told) for line in recording.lines]
    return [
        (f"{at:%FT%TZ}", len(one.added), len(one.edited), len(one.withdrawn))
        for at, one in changes
        if isinstance(one, DowntimesChanged)
    ]


def test_the_inventory_is_what_is_served(tmp_path: Path) -> None:
    elements = {element.key: element for element in recorded(tmp_path, version()).world.elements}
    assert {str(key) for key in elements} == {"Site G", "ComputingElement R0", "SRMv2 R0"}
    assert elements[CE].offered == {"cms"}


def test_what_is_known_at_first_is_in_the_world(tmp_path: Path) -> None:
    recording = recorded(tmp_path, version())
    assert [one.record for _, one in recording.world.downtimes] == ["1@R0"]
    assert told(recording) == []


def test_versions_follow_each_other(tmp_path: Path) -> None:
    first, second = version(known_to=moment(2)), version(known_from=moment(2), known_to=moment(3), end=moment(20))
    other = version(2, known_from=moment(-1), known_to=moment(0))
    assert told(recorded(tmp_path, other, second, first)) == [
        (moment(0), 1, 0, 1),
        (moment(2), 0, 1, 0),
        (moment(3), 0, 0, 1),
    ]


def test_what_is_over_was_not_withdrawn(tmp_path: Path) -> None:
    early = version(2, known_from=moment(-1))
    assert told(recorded(tmp_path, early, version(known_to=moment(14)))) == [(moment(0), 1, 0, 0)]


def test_an_end_in_the_year_2100_is_none(tmp_path: Path) -> None:
    [(_, one)] = recorded(tmp_path, version(end="2100-01-01T00:00:00Z")).world.downtimes
    assert one.end is None


def test_what_ends_before_it_starts_is_left_out_and_told(tmp_path: Path) -> None:
    history = osg.history(histories.write(tmp_path / "h.jsonl", version(end=moment(9)), version(2)))
    assert [one.downtime.key.record for one in history.versions] == ["2@R0"]
    assert "line 1: it ends before it starts" in history.problems[0]


@pytest.mark.parametrize(
    ("early", "expected"),
    [
        (Early.HAPPENED, [("2@R0", 10), ("3@R0", 5)]),
        (Early.KNOWN, [("1@R0", 0), ("2@R0", 20), ("3@R0", 50)]),
        (Early.OMITTED, []),
    ],
)
def test_early_versions_are_taken_as_is_asked_for(tmp_path: Path, early: Early, expected: list[tuple[str, int]]) -> None:
    replaced, told_late = version(known_to=moment(3)), version(2, known_from=moment(20))
    standing = version(3, start=moment(5), known_from=moment(50), known_to=moment(200))
    path = histories.write(tmp_path / "h.jsonl", replaced, told_late, standing)
    found = osg.history(path, early, histories.EPOCH.replace(day=4)).told()
    assert [(one.downtime.key.record, moment(hours)) for one, (_, hours) in zip(found, expected, strict=True)] == [
        (one.downtime.key.record, f"{one.known_from:%FT%TZ}") for one in found
    ]
    assert [one.downtime.key.record for one in found] == [record for record, _ in expected]


def test_elements_that_only_downtimes_name_are_there_if_asked_for(tmp_path: Path) -> None:
    gone = version(2, "GONE", "Squid")
    assert "GONE" not in {element.key.name for element in recorded(tmp_path, gone).world.elements}
    assert "GONE" in {element.key.name for element in recorded(tmp_path, gone, named=True).world.elements}


def test_a_period_in_the_middle_begins_with_what_is_known_then(tmp_path: Path) -> None:
    versions = version(known_to=moment(2)), version(2, known_from=moment(1)), version(3, known_from=moment(5))
    recording = recorded(tmp_path, *versions, since=histories.EPOCH.replace(hour=3))
    assert [one.record for _, one in recording.world.downtimes] == ["2@R0"]
    assert told(recording) == [(moment(5), 1, 0, 0)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"start": "2021-03-01T00:00:00"}, "start does not say in which time zone it is"),
        ({"start": "yesterday"}, "Invalid RFC3339"),
        ({"services": []}, "it names no service"),
        ({"id": "seven"}, "Expected `int | null`, got `str`"),
        ({"resource": "x" * 300}, "longer than makes sense"),
        ({"id": -1}, "longer than makes sense"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    path = histories.write(tmp_path / "h.jsonl", version(), {**version(), **wrong})
    with pytest.raises(InvalidConfiguration) as caught:
        osg.history(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert said in str(caught.value)
