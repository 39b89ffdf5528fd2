"""A recording as one file: lines of JSON (:mod:`~gridmask.recording.sheets`), compressed by gzip.

It is written and read line by line, so that a long period takes no more memory than a short one. The same recording gives the
same bytes. A file that was cut off or altered is told, with the line.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

import msgspec

from gridmask import __version__
from gridmask.domain.errors import InvalidConfiguration
from gridmask.recording.recording import Line, Recording, revisions
from gridmask.recording.sheets import FORMAT, VERSION, Check, Header, Rules, Sheet, decoded, encoded, joined, pieces
from gridmask.recording.soundness import unsound

if TYPE_CHECKING:
    from gridmask.recording.recording import Document
    from gridmask.recording.world import World

LONGEST_LINE = 64 * 2**20
"""So many bytes a line may have: an answer of the largest source, written out."""

CHECKED = 1000
"""After so many lines each, the file says what their checksum is."""

LARGEST_WORLD = 2**30
"""So many bytes may tell how everything stood at first, and of policies: all that is held in memory."""

_LEVEL = 6


class Writer:
    """Writes a recording, line by line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = sha256()
        self._known: set[str] = set()
        self.lines = 0

    def begin(self, world: World, since: datetime, until: datetime, *, lived: bool = True) -> None:
        """Write what it is, and how everything stood at first."""
        header = Header(
            format=FORMAT, version=VERSION, written_by=f"gridmask {__version__}", since=since, until=until, lived=lived
        )
        self._write(Sheet(header=header))
        for piece in pieces(world):
            self._write(Sheet(world=piece))

    def lacks(self, revision: str) -> bool:
        """Whether the policies of ``revision`` are not in it yet."""
        return revision not in self._known

    def rules(self, revision: str, document: Document | None) -> None:
        """Write policies; None: they are not kept any more."""
        self._known.add(revision)
        if document is not None:
            self._write(Sheet(policies=Rules(revision, document)))

    def add(self, line: Line) -> None:
        """Write that something happened."""
        self._write(Sheet(happened=line))

    def end(self) -> None:
        """Write that this is all."""
        self._file.write(encoded(Sheet(end=self._check())) + b"\n")

    def _write(self, sheet: Sheet) -> None:
        self._put(sheet)
        if self.lines % CHECKED == 0:
            self._put(Sheet(check=self._check()))

    def _put(self, sheet: Sheet) -> None:
        body = encoded(sheet) + b"\n"
        self._digest.update(body)
        self._file.write(body)
        self.lines += 1

    def _check(self) -> Check:
        return Check(self.lines, self._digest.hexdigest())


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Writes the file at ``path``, which is there once all of it is."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # no time and no name in it: the same recording is the same bytes
        with beside.open("wb") as plain, gzip.GzipFile("", "wb", _LEVEL, plain, mtime=0) as packed:
            writer = Writer(packed)  # type: ignore[arg-type]  # which writes bytes, too
            yield writer
            writer.end()
        beside.replace(path)
    except OSError as error:
        raise InvalidConfiguration(str(path), f"cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def write(path: Path, recording: Recording) -> int:
    """Write ``recording`` to the file at ``path``. Returns how many lines it has."""
    with writing(path) as writer:
        writer.begin(recording.world, recording.since or recording.world.at, recording.until, lived=recording.lived)
        _refer(writer, recording, revisions(recording.world, ()))
        for line in recording.lines:
            _refer(writer, recording, revisions(recording.world, (line.told,)))
            writer.add(line)
    return writer.lines


def _refer(writer: Writer, recording: Recording, named: frozenset[str]) -> None:
    for revision in sorted(filter(writer.lacks, named)):
        writer.rules(revision, recording.documents.get(revision))


@dataclass(frozen=True, slots=True)
class Lines:
    """What happened, read from the file each time that it is gone through. ``count``: how many lines these are."""

    path: Path
    count: int

    def __iter__(self) -> Iterator[Line]:
        return (sheet.happened for _, sheet in _sheets(self.path) if sheet.happened is not None)

    def __len__(self) -> int:
        return self.count


def read(path: Path) -> Recording:
    """The recording in the file at ``path``, which is read to its end once, and found to be whole.

    Raises:
        InvalidConfiguration: it cannot be read, is no recording, or was cut off or altered.
    """
    reading = _Reading(path)
    for number, sheet in _sheets(path):
        reading.take(number, sheet)
    return reading.recording()


class _Reading:
    """What was read so far: all but what happened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._header: Header | None = None
        self._world: list[World] = []
        self._documents: dict[str, Document] = {}
        self._count = 0

    def take(self, number: int, sheet: Sheet) -> None:
        """Take the next line."""
        if (self._header is None) is not (sheet.header is not None):
            _refuse(self._path, number, "a recording begins with one line that says what it is, and this file does not")
        self._header = self._header or _known(sheet.header, self._path)
        if sheet.world is not None:
            self._world.append(sheet.world)
        if sheet.policies is not None:
            self._documents[sheet.policies.revision] = sheet.policies.document
        if sheet.happened is not None:
            self._count += 1
            if (flaw := unsound(sheet.happened)) is not None:
                _refuse(self._path, number, flaw)

    def recording(self) -> Recording:
        """All of it."""
        if self._header is None or not self._world:
            _refuse(self._path, 1, "it does not say how everything stood at first")
        lines, told = Lines(self._path, self._count), self._header
        return Recording(joined(self._world), lines, self._documents, told.until, told.since, told.lived)


def _known(header: Header | None, path: Path) -> Header | None:
    if header is None:
        return None
    if header.format != FORMAT:
        _refuse(path, 1, f"it is in the format {header.format[:40]!r}, not {FORMAT!r}")
    if header.version != VERSION:
        _refuse(path, 1, f"it has version {header.version} of its format; this Gridmask knows version {VERSION}")
    if header.since.tzinfo is None or header.until.tzinfo is None:
        _refuse(path, 1, "it does not say in which time zone its period is")
    return header


def _sheets(path: Path) -> Iterator[tuple[int, Sheet]]:
    """The lines of the file with their numbers; what is wrong with the file is told where it is found."""
    digest, number, held, ended = sha256(), 0, 0, False
    for number, body in enumerate(_bodies(path), 1):
        if ended:
            _refuse(path, number, "it goes on after its end")
        sheet = _decoded(path, number, body)
        check = sheet.check or sheet.end
        if check is not None and check != Check(number - 1, digest.hexdigest()):
            _refuse(path, number, f"some line before it, of the last {CHECKED:,}, is not what was written")
        ended = sheet.end is not None
        held += len(body) if sheet.happened is None else 0
        if held > LARGEST_WORLD:
            _refuse(path, number, f"more than {LARGEST_WORLD:,} bytes tell how everything stood, and of policies")
        digest.update(body)
        yield number, sheet
    if not ended:
        _refuse(path, number, "it ends here, before its end: it was cut off")


def _decoded(path: Path, number: int, body: bytes) -> Sheet:
    try:
        sheet = decoded(body)
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError) as error:
        what = "it is no recording" if number == 1 else "it is no line of a recording"
        if not body.endswith(b"\n"):
            what = "it ends in the middle of a line: it was cut off"
        _refuse(path, number, f"{what} ({str(error)[:200]})")
    if not sheet.kind:
        _refuse(path, number, "it is no line of a recording, of which each has one key")
    return sheet


def _bodies(path: Path) -> Iterator[bytes]:
    number = 0
    try:
        with path.open("rb") as plain, gzip.GzipFile(fileobj=plain, mode="rb") as packed:
            while body := packed.readline(LONGEST_LINE + 1):
                number += 1
                if len(body) > LONGEST_LINE:
                    _refuse(path, number, f"it is longer than {LONGEST_LINE:,} bytes")
                yield body
    except EOFError:
        _refuse(path, number + 1, "it ends here, before its end: it was cut off")
    except (gzip.BadGzipFile, zlib.error) as error:
        what = "it is no recording: not compressed by gzip" if not number else "it is damaged"
        _refuse(path, number + 1, f"{what} ({error})")
    except OSError as error:
        raise InvalidConfiguration(str(path), f"cannot be read: {error.strerror or error}") from error


def _refuse(path: Path, number: int, problem: str) -> NoReturn:
    raise InvalidConfiguration(f"{path}, line {number:,}", problem)
