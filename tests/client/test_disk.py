"""A mask on disk: it is whole, or it is not there."""

from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING

import pytest

from gridmask_client.disk import Disk
from gridmask_client.masks import MaskElement, WholeMask
from gridmask_client.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://rss.example.org"


def at(revision: int) -> Snapshot:
    return Snapshot.of(WholeMask("cms", revision, (MaskElement("Resource", "CE", "ü", "A", {"all": "Active"}),)))


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "mask", URL, "cms")


def revision(disk: Disk) -> int | None:
    found = disk.load()
    return found[0].revision if found else None


def test_what_is_saved_is_found(disk: Disk) -> None:
    disk.save(at(3), 17.5)
    found = disk.load()
    assert found is not None
    assert (found[0].revision, found[0].says_the_same(at(3)), found[1]) == (3, True, 17.5)
    assert {path.name for path in disk.file.parent.iterdir()} == {"mask", "mask.lock"}


def test_half_a_file_or_another_is_not_used(disk: Disk) -> None:
    disk.save(at(3), 17.5)
    content = disk.file.read_bytes()
    for broken in (*(content[:length] for length in range(0, len(content), 5)), content[:-9] + b"x" + content[-8:], b"\0" * 99):
        disk.file.write_bytes(broken)
        assert disk.load() is None


def test_that_of_another_server_or_vo_is_not_used(disk: Disk) -> None:
    disk.save(at(3), 17.5)
    assert Disk(disk.file, "https://other.example.org", "cms").load() is None
    assert Disk(disk.file, URL, "atlas").load() is None


def test_of_two_processes_the_later_one_stays(disk: Disk) -> None:
    disk.save(at(3), 17.5)
    disk.save(at(2), 16.0)
    assert revision(disk) == 3
    disk.save(at(2), 18.0)  # the server's database was restored
    assert revision(disk) == 2


def test_who_is_writing_is_not_disturbed(disk: Disk) -> None:
    disk.save(at(3), 17.5)
    with disk.file.with_name("mask.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        disk.save(at(4), 18.0)
    assert revision(disk) == 3


def test_what_cannot_be_written_harms_nobody_and_is_told_once(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    nowhere = Disk(disk.file.parent / "no" / "mask", URL, "cms")
    for _ in range(3):
        nowhere.save(at(3), 17.5)
    assert [(one.levelname, "cannot be kept" in one.message) for one in caplog.records] == [("WARNING", True)]


def test_on_a_full_disk_what_was_there_stays(
    disk: Disk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.save(at(3), 17.5)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for _ in range(2):
            disk.save(at(4), 18.0)
    assert (revision(disk), caplog.text.count("No space left")) == (3, 1)
    assert {path.name for path in disk.file.parent.iterdir()} == {"mask", "mask.lock"}
    disk.save(at(4), 18.0)
    assert (revision(disk), disk._told) == (4, set())


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator writes anywhere")
def test_where_only_reading_is_allowed_it_is_read(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    disk.save(at(3), 17.5)
    disk.file.parent.chmod(0o500)
    disk.save(at(4), 18.0)
    disk.file.parent.chmod(0o700)
    assert (revision(disk), "Permission denied" in caplog.text) == (3, True)


def test_where_nobody_can_lock_or_wait_for_the_disk_it_is_kept_all_the_same(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object) -> None:
        raise OSError(errno.ENOLCK if len(_) == 2 else errno.EINVAL, "not here")

    monkeypatch.setattr(fcntl, "flock", unable)
    monkeypatch.setattr(os, "fsync", unable)
    disk.save(at(3), 17.5)
    assert revision(disk) == 3
