"""A recording as one file."""

from __future__ import annotations

import gzip
import json
from random import Random
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.recording import file
from tests import histories

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from gridmask.recording.recording import Recording


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return histories.recording(tmp_path, Random(3))


@pytest.fixture
def written(tmp_path: Path, recording: Recording) -> Path:
    file.write(tmp_path / "recording.gz", recording)
    return tmp_path / "recording.gz"


def altered(path: Path, number: int, **fields: Any) -> Path:  # noqa: ANN401 - whatever a line holds
    """The file with another line in place of one; its checksums are as they were."""
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    lines[number - 1] = json.dumps(fields).encode() + b"\n"
    path.write_bytes(gzip.compress(b"".join(lines)))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        file.read(path)
    return str(caught.value).removeprefix(f"{path}, ")


def test_what_is_read_is_what_was_written(written: Path, recording: Recording) -> None:
    read = file.read(written)
    assert (read.world, tuple(read.lines), read.documents) == (recording.world, tuple(recording.lines), recording.documents)
    assert (read.since, read.until, read.lived) == (recording.since, recording.until, False)


def test_lines_can_be_gone_through_again_and_counted(written: Path) -> None:
    lines = file.read(written).lines
    assert isinstance(lines, file.Lines)
    assert len(list(lines)) == len(list(lines)) == len(lines)


def test_the_same_recording_gives_the_same_bytes(written: Path) -> None:
    again = written.with_name("again.gz")
    file.write(again, file.read(written))
    assert again.read_bytes() == written.read_bytes()


def test_its_first_line_says_what_it_is_and_its_last_what_was_written(written: Path) -> None:
    first, *_, last = gzip.decompress(written.read_bytes()).splitlines()
    assert json.loads(first)["header"]["format"] == "gridmask-recording"
    assert json.loads(last)["end"].keys() == {"lines", "sha256"}


@pytest.mark.parametrize("left", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_told(written: Path, left: float) -> None:
    body = written.read_bytes()
    written.write_bytes(body[: int(len(body) * left)])
    assert "cut off" in refusal(written)


def test_a_file_that_lacks_its_last_line_is_told_with_the_line(written: Path) -> None:
    lines = gzip.decompress(written.read_bytes()).splitlines(keepends=True)
    written.write_bytes(gzip.compress(b"".join(lines[:-1])))
    assert refusal(written).startswith(f"line {len(lines) - 1}: it ends here, before its end")


def test_a_line_that_is_other_than_written_is_told(written: Path) -> None:
    line = json.loads(gzip.decompress(written.read_bytes()).splitlines()[-3])
    count = len(gzip.decompress(written.read_bytes()).splitlines())
    line["happened"]["action"] = "another"
    assert "is not what was written" in refusal(altered(written, count - 2, **line))


def test_damage_within_is_told(written: Path) -> None:
    body = bytearray(written.read_bytes())
    body[len(body) // 2] ^= 0xFF
    written.write_bytes(body)
    assert refusal(written).startswith("line ")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"happened": 1}, "it is no line of a recording (Expected"),
        ({}, "of which each has one key"),
        ({"header": {"format": "gridmask-recording", "version": 1, "written_by": "", "since": "x"}}, "Invalid RFC3339"),
        ({"nothing": 1}, "of which each has one key"),
    ],
)
def test_a_line_that_is_none_is_told_with_its_number(written: Path, line: dict[str, Any], told: str) -> None:
    said = refusal(altered(written, 3, **line))
    assert said.startswith("line 3: ")
    assert told in said


def test_depth_does_no_harm(written: Path) -> None:
    lines = gzip.decompress(written.read_bytes()).splitlines(keepends=True)
    lines[2] = b'{"policies":{"revision":"a","document":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_002 + b"\n"
    written.write_bytes(gzip.compress(b"".join(lines)))
    assert refusal(written).startswith("line 3: ")


def test_a_line_without_end_is_given_up(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "LONGEST_LINE", 1000)
    assert refusal(written).endswith("it is longer than 1,000 bytes")


def test_a_world_without_end_is_given_up(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "LARGEST_WORLD", 1000)
    assert "more than 1,000 bytes tell how everything stood" in refusal(written)


HEADER = {"format": "gridmask-recording", "version": 1, "written_by": "x", "since": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"format": "another"}, "it is in the format 'another'"),
        ({"version": 2}, "it has version 2 of its format"),
        ({"since": "2026-01-01T00:00:00"}, "in which time zone"),
    ],
)
def test_another_format_is_told(written: Path, header: dict[str, Any], told: str) -> None:
    line = {**HEADER, "until": "2026-01-02T00:00:00Z", **header}
    assert told in refusal(altered(written, 1, header=line))


DOWNTIME = {
    "source": "a",
    "record": "7",
    "targets": [["Host", "ce", "h"]],
    "start": "2026-01-01T00:00:00Z",
    "severity": "OUTAGE",
}


def test_an_edit_of_what_is_not_told_is_refused(written: Path) -> None:
    told = {"kind": "DowntimesChanged", "by": ["x", "person"], "source": "a", "edited": [DOWNTIME]}
    line = {"happened": {"at": "2026-01-01T00:00:00Z", "told": told}}
    assert refusal(altered(written, 4, **line)).endswith("it does not say what downtime '7' was before")


def test_a_time_without_a_zone_is_refused(written: Path) -> None:
    line = {"happened": {"at": "2026-01-01T00:00:00", "told": {"kind": "TimePassed", "by": ["x", "person"]}}}
    assert "time zone" in refusal(altered(written, 4, **line))


@pytest.mark.parametrize("body", [b"", b"hello", gzip.compress(b""), gzip.compress(b"hello\n")])
def test_what_is_no_recording_is_told(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x").write_bytes(body)
    assert refusal(tmp_path / "x")


def test_nothing_is_left_where_writing_fails(tmp_path: Path, recording: Recording) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be written"):
        file.write(tmp_path / "no" / "such", recording)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyError), file.writing(tmp_path / "half"):
        raise KeyError
    assert sorted(tmp_path.iterdir()) == before
