from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

import pytest

from gridmask.domain.errors import FetchFailed, InvalidConfiguration, TooLarge, Unreachable
from gridmask.http import Validators
from gridmask.http.files import _gathered, is_file, path_of, read

NONE = Validators()


@pytest.mark.parametrize("url", ["file:///srv/a%20b", "file:/srv/a%20b", "FILE://localhost/srv/a%20b"])
def test_a_local_file_can_be_written_in_three_ways(url: str) -> None:
    assert is_file(url)
    assert path_of(url) == Path("/srv/a b")


def test_a_name_that_is_no_unicode_can_be_written() -> None:
    assert os.fsencode(path_of("file:///srv/%ff")) == b"/srv/\xff"


@pytest.mark.parametrize(
    "url",
    ["file://example.org/srv", "file:srv", "file:", "file:///a?b", "file:///a#b", "file:///a%00b", "file://[::1/x"],
)
def test_what_names_no_local_file_is_a_wrong_configuration(url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        path_of(url)


def test_the_validators_come_from_content_and_time(tmp_path: Path) -> None:
    file = tmp_path / "feed"
    file.write_bytes(b"one")
    os.utime(file, (0, 0))
    found = read(file.as_uri(), NONE, 10).validators
    assert found.etag is not None
    assert found.etag.startswith('"sha256-7692c3ad')
    assert found.last_modified == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_a_change_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "feed"
    file.write_bytes(b"one")
    os.utime(file, (0, 0))
    known = read(file.as_uri(), NONE, 10).validators
    file.write_bytes(b"two")
    os.utime(file, (0, 0))
    assert read(file.as_uri(), known, 10).body is not None


def test_a_file_that_was_only_touched_is_not_modified(tmp_path: Path) -> None:
    file = tmp_path / "feed"
    file.write_bytes(b"one")
    known = read(file.as_uri(), NONE, 10).validators
    os.utime(file, (0, 0))
    assert read(file.as_uri(), known, 10).body is None


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FetchFailed, match="not a regular file"):
        read((tmp_path / "pipe").as_uri(), NONE, 10)


def test_a_device_is_not_read() -> None:
    with pytest.raises(FetchFailed, match="not a regular file"):
        read("file:///dev/zero", NONE, 10)


def test_a_directory_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="Is a directory"):
        read(tmp_path.as_uri(), NONE, 10)


def test_a_file_that_hides_its_length_is_bounded_all_the_same() -> None:
    with pytest.raises(TooLarge):
        read("file:///proc/self/status", NONE, 10)


class Growing(FileIO):
    """A file to which somebody writes while it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        os.utime(self.fileno(), (0, 0))
        return piece or b""


def test_a_file_that_is_being_written_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "feed").write_bytes(b"one")
    with Growing(tmp_path / "feed") as file, pytest.raises(FetchFailed, match="being written"):
        _gathered(file, "file:///feed", 10)
