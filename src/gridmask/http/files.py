"""``file://`` URLs (RFC 8089): an inventory or a feed that lies on this machine, under the same limits."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from gridmask.domain.errors import FetchFailed, InvalidConfiguration, Unreachable
from gridmask.http.answer import Validators
from gridmask.http.body import Body
from gridmask.http.received import Received
from gridmask.http.redaction import redacted

_PIECE = 1024 * 1024


def is_file(url: str) -> bool:
    """Whether ``url`` names a file."""
    return url[:5].lower() == "file:"


def path_of(url: str) -> Path:
    """The path that a ``file://`` URL names.

    Raises:
        InvalidConfiguration: It is on another machine, relative, or has a query or fragment.
    """
    shown = redacted(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidConfiguration(shown, "is not a URL") from None
    path = unquote(parts.path, errors="surrogateescape")
    if parts.netloc.lower() not in ("", "localhost"):
        raise InvalidConfiguration(shown, "names a file on another machine; write file:///path")
    if "?" in url or "#" in url:
        raise InvalidConfiguration(shown, "a file URL has no query or fragment; write %3F for ? and %23 for #")
    if not path.startswith("/") or "\0" in path:
        raise InvalidConfiguration(shown, "names no absolute path; write file:///path")
    return Path(path)


def is_everybodys(path: Path) -> bool:
    """Whether everybody on this machine can read the file; not, where it cannot be looked at: whoever uses it tells why."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def read(url: str, validators: Validators, limit: int) -> Received:
    """Read the regular file at ``url``, of at most ``limit`` bytes.

    Its entity tag is made from the content, not from the time of change: two changes can share one tick of the clock.

    Raises:
        FetchFailed: It is not there, cannot be read, is too long, is no regular file, or changed meanwhile.
        InvalidConfiguration: ``url`` cannot name a file.
    """
    path = path_of(url)
    try:
        with open(path, "rb", opener=unblocked) as file:
            body, changed_at = _gathered(file, url, limit)
    except OSError as error:
        raise Unreachable(url, f"cannot be read: {error.strerror or type(error).__name__}") from error
    found = Validators(etag=f'"sha256-{body.sha256}"', last_modified=format_datetime(changed_at, usegmt=True))
    return Received(found, None if found.etag == validators.etag else body)


def unblocked(path: str, flags: int) -> int:
    """Opens a file for :func:`open`; a named pipe would hold the reading thread until somebody writes to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _gathered(file: BinaryIO, url: str, limit: int) -> tuple[Body, datetime]:
    before = os.fstat(file.fileno())
    if not stat.S_ISREG(before.st_mode):
        raise FetchFailed(url, "is not a regular file")
    body = Body(url, limit)
    while piece := file.read(_PIECE):
        body.add(piece)
    after = os.fstat(file.fileno())
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise FetchFailed(url, "was being written while it was read; write to another name and rename it")
    return body, datetime.fromtimestamp(after.st_mtime, UTC)
