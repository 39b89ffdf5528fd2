"""A snapshot on disk: the mask, where a stream goes on from, and when it was last known to be right, in one file.

The file is put in the place of the one before as a whole. What is not whole, or is another server's or VO's, is not read.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gridmask_client.masks import WholeMask
from gridmask_client.shapes import Said
from gridmask_client.snapshot import Snapshot, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

FORMAT = 1

_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_NO_SYNC = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
"""What file systems say that cannot do such a thing, as some do over a network."""


class Head(Said, frozen=True):
    """The first line of the file. ``confirmed_at``: in seconds since 1970; ``digest``: of all that follows."""

    format: int
    url: str
    asked: str
    revision: int
    confirmed_at: float
    digest: str


@dataclass(frozen=True, slots=True)
class Disk:
    """A file for the mask that the server at ``url`` has for ``vo``, as that was asked for."""

    file: Path
    url: str
    vo: str
    _told: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """What is wrong, as it was told."""

    def load(self) -> tuple[Snapshot, float] | None:
        """What lies there, and when it was last known to be right; None: nothing that can be used."""
        try:
            with self.file.open("rb") as opened:
                line, body = opened.readline(), opened.read()
            head = msgspec.json.decode(line, type=Head)
            if not self._is_ours(head) or digest(body) != head.digest:
                log.warning("the mask in %s is not used: it is not whole, or of something else", self.file)
                return None
            return Snapshot.of(msgspec.json.decode(body, type=WholeMask)), head.confirmed_at
        except FileNotFoundError:
            return None
        except (OSError, ValueError, msgspec.DecodeError) as error:
            log.warning("the mask in %s is not used: %s", self.file, error)
            return None

    def save(self, snapshot: Snapshot, confirmed_at: float) -> None:
        """Let it lie there, unless another process just put something newer there."""
        try:
            with self._alone() as is_alone:
                if is_alone and not self._is_newer(snapshot, confirmed_at):
                    self._put(snapshot, confirmed_at)
        except OSError as error:
            self._tell(f"the mask cannot be kept in {self.file}, and is followed all the same: {error.strerror or error}")
        else:
            if self._told:
                log.info("the mask is kept in %s again", self.file)
            self._told.clear()

    def _tell(self, text: str) -> None:
        """Say once what is wrong: it is tried again every few seconds."""
        if text not in self._told:
            log.warning("%s", text)
        self._told.add(text)

    def _put(self, snapshot: Snapshot, confirmed_at: float) -> None:
        body = snapshot.encoded()
        head = Head(FORMAT, self.url, self.vo, snapshot.revision, confirmed_at, digest(body))
        descriptor, name = tempfile.mkstemp(prefix=f".{self.file.name}.", dir=self.file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(msgspec.json.encode(head) + b"\n" + body)
                opened.flush()
                with _where_it_can(_NO_SYNC):
                    os.fsync(opened.fileno())
            Path(name).replace(self.file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process is writing it at this moment. Where nobody can lock, nobody knows: the last one stays."""
        with self.file.with_name(f"{self.file.name}.lock").open("ab") as opened:
            try:
                with _where_it_can(_NO_LOCKS):
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _is_newer(self, snapshot: Snapshot, confirmed_at: float) -> bool:
        """A clock that went back must not keep a file for ever: so both have to be newer."""
        with suppress(OSError, msgspec.DecodeError), self.file.open("rb") as opened:
            head = msgspec.json.decode(opened.readline(), type=Head)
            return self._is_ours(head) and head.revision > snapshot.revision and head.confirmed_at > confirmed_at
        return False

    def _is_ours(self, head: Head) -> bool:
        return (head.format, head.url, head.asked) == (FORMAT, self.url, self.vo)


@contextmanager
def _where_it_can(unable: frozenset[int]) -> Iterator[None]:
    """Do without what a file system cannot do, as it says by one of these errors."""
    try:
        yield
    except OSError as error:
        if error.errno not in unable:
            raise
