"""Files that others read while they are written: each is as it was, or as it is to be, whoever is killed in between."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_HALF = ".half-"
"""How what is not done yet begins; whatever is called so, and is found, was left by a process that was killed."""

_REVISION = re.compile("[0-9]+-[0-9a-f]{16}")


def put(file: Path, body: bytes) -> bool:
    """Have ``file`` hold ``body``. One that does already is not touched. Returns whether it was.

    It is dated in a later second than what was there: web servers tell files apart by second and size.
    """
    before = 0.0
    with suppress(FileNotFoundError):
        if file.read_bytes() == body:
            return False
        before = file.stat().st_mtime
    half = _half(file)
    _write(half, body)
    if int(half.stat().st_mtime) <= int(before):
        os.utime(half, (int(before) + 1, int(before) + 1))
    half.replace(file)
    _settle(file.parent)
    return True


def put_folder(folder: Path, bodies: Mapping[str, bytes]) -> None:
    """Make ``folder``, which is not there, with these files in it: all at once."""
    folder.parent.mkdir(exist_ok=True)
    half = _half(folder)
    half.mkdir()
    for name, body in bodies.items():
        _write(half / name, body)
    _settle(half)
    half.rename(folder)
    _settle(folder.parent)


def point(link: Path, target: str) -> None:
    """Have the symbolic link ``link`` lead to ``target``. One that does already is not touched."""
    with suppress(OSError):
        if str(link.readlink()) == target:
            return
    half = _half(link)
    half.symlink_to(target)
    half.replace(link)
    _settle(link.parent)


def folders(folder: Path) -> list[Path]:
    """The folders in ``folder``, without those that are hidden, in order."""
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def drop_old(folder: Path, last: str, keep: int) -> int:
    """Leave ``keep`` folders of revisions in ``folder``, the newest, ``last`` among them; and nothing half done."""
    for left in folder.glob(f"{_HALF}*"):
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    found = [one for one in folders(folder) if _REVISION.fullmatch(one.name)]
    newest = sorted(found, key=lambda one: (one.name == last, one.stat().st_mtime_ns), reverse=True)
    for old in newest[keep:]:
        gone = _half(old)
        old.rename(gone)
        shutil.rmtree(gone)
    return len(newest[keep:])


@contextmanager
def locked(file: Path) -> Iterator[bool]:
    """Whether nobody else has the lock on ``file`` at this moment; then it is held."""
    with file.open("ab") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _half(path: Path) -> Path:
    return path.with_name(f"{_HALF}{uuid4().hex}")


def _write(file: Path, body: bytes) -> None:
    with file.open("xb") as opened:
        opened.write(body)
        opened.flush()
        os.fsync(opened.fileno())


def _settle(folder: Path) -> None:
    """Have what was renamed in ``folder`` survive a crash of the machine, where its file system takes that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
