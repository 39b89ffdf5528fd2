"""A mask that lies somewhere as a file: a static copy, on disk or where a web server, a cache or CVMFS carries it.

Its index is looked at again and again, conditionally; the mask itself is read once the index names another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from gridmask_client.answer import Answer
from gridmask_client.call import Call
from gridmask_client.client import AsyncClient
from gridmask_client.errors import NotFound, Problem, Unreachable, Unreadable, Unusable
from gridmask_client.follower import Follower
from gridmask_client.masks import WholeMask
from gridmask_client.shapes import Moment, Said
from gridmask_client.snapshot import Snapshot

INDEX, CHECKED = "/index.json", "/checked.json"
FORMAT = 1

T = TypeVar("T")


class File(Said, frozen=True):
    """A file: its name, and what its bytes are."""

    file: str
    size: int
    sha256: str


class Entry(Said, frozen=True):
    """What an index says of a mask."""

    revision: int
    mark: str
    path: str
    formats: Mapping[str, Mapping[str, File]]


class Index(Said, frozen=True):
    """What a static copy has."""

    format: int
    masks: Mapping[str, Entry]
    aliases: Mapping[str, str] = {}


class Checked(Said, frozen=True):
    """Until when a static copy is known to be right."""

    checked_at: Moment


class Source(Protocol):
    """Where files are read."""

    async def __aenter__(self) -> Self:
        """See the data model."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Likewise."""

    async def do(self, call: Call[Answer]) -> Answer:
        """What is at the call's path; with the status 304, that it is as it was."""


def is_static(url: str) -> bool:
    """Whether ``url`` is that of a static copy: of a file or folder, or of an index on a web server."""
    return url.startswith("file:") or urlsplit(url).path.endswith(INDEX)


def base(url: str) -> str:
    """Where a static copy lies."""
    return url.rstrip("/").removesuffix(INDEX)


class Folder:
    """Files in the folder that ``url``, a ``file:`` address, names; none has more than ``most_bytes``.

    Raises:
        Unusable: it names none of this machine.
    """

    def __init__(self, url: str, most_bytes: int) -> None:
        parts = urlsplit(base(url))
        if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
            raise Unusable("The address of a static copy on this machine is as in file:///srv/masks.")
        self._folder = Path(unquote(parts.path))
        self._most_bytes = most_bytes

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    async def do(self, call: Call[Answer]) -> Answer:
        """See :class:`Source`."""
        return await asyncio.to_thread(self._read, self._folder / call.path.lstrip("/"), dict(call.headers))

    def _read(self, file: Path, headers: Mapping[str, str]) -> Answer:
        try:
            found = file.stat()
            etag = f'"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"'
            if headers.get("If-None-Match") == etag:
                return Answer(304, {"etag": etag}, b"")
            if found.st_size > self._most_bytes:
                raise Unreadable(f"{file} has {found.st_size:,} bytes, more than the {self._most_bytes:,} that are allowed.")
            return Answer(200, {"etag": etag}, file.read_bytes())
        except FileNotFoundError as error:
            raise NotFound(Problem(404, detail=f"There is no {file}")) from error
        except OSError as error:
            raise Unreachable(f"{file} cannot be read: {error.strerror or error}") from error


class StaticFollower(Follower):
    """Follows a mask in a static copy. It knows no stream."""

    _etag = ""
    _index: Index | None = None

    def _may_stream(self) -> bool:
        return False

    async def catch_up(self, client: AsyncClient | Source) -> None:
        """Have what the copy has."""
        asked_at = self._replica.clock()
        answer = await client.do(_asking(INDEX, self._etag))
        if answer.status != 304:
            index = _decoded(answer, Index)
            if index.format != FORMAT:
                raise Unreadable(f"The index has format {index.format}, which a later gridmask_client knows.")
            self._index, self._etag = index, answer.headers.get("etag", "")
        assert self._index is not None  # nobody says that nothing changed who was never asked
        entry, snapshot = self._entry(self._index), self._replica.snapshot
        confirmed = asked_at - await self._age(client)
        if snapshot is not None and (snapshot.revision, snapshot.mark) == (entry.revision, entry.mark):
            self._right(confirmed)
        else:
            self._whole(Snapshot.of(await self._mask(client, entry)), confirmed)

    def _entry(self, index: Index) -> Entry:
        folded = self._vo.strip().casefold()
        name = index.aliases.get(folded, folded)
        if name not in index.masks:
            raise NotFound(
                Problem(404, detail=f"The static copy has no mask of {self._vo!r}; it has {', '.join(index.masks)}.")
            )
        return index.masks[name]

    async def _mask(self, client: AsyncClient | Source, entry: Entry) -> WholeMask:
        try:
            file = entry.formats["json"]["identity"]
        except KeyError:
            raise Unreadable("The static copy has no masks in JSON.") from None
        answer = await client.do(_asking(f"/{entry.path}/{file.file}"))
        if sha256(answer.body).hexdigest() != file.sha256:
            self._etag = ""
            raise Unreachable(f"{entry.path}/{file.file} is not what the index says; it is on its way, perhaps.")
        return _decoded(answer, WholeMask)

    async def _age(self, client: AsyncClient | Source) -> float:
        """How long ago the copy was known to be right; where nobody says, it is taken for right when it is looked at."""
        with suppress(NotFound):
            checked = _decoded(await client.do(_asking(CHECKED)), Checked)
            return max(0.0, self._replica.wall() - checked.checked_at.timestamp())
        return 0.0


def _asking(path: str, have: str = "") -> Call[Answer]:
    return Call("GET", path, path, _as_it_is, headers=(("If-None-Match", have),) if have else ())


def _decoded(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"What lies there is no {kind.__name__}: {error}") from error


def _as_it_is(answer: Answer) -> Answer:
    return answer
