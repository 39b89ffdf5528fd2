"""The follower of a mask: keeps a replica as the server's mask is, by its stream; where there is none, by asking again.

It says where it is by the revision and the mark of the mask that is here, so that a server which goes on from there is of the
same past. It never goes back by itself: a server that tells an older revision may be one of several that is late, so it is
asked again for a while, unless what it tells is known to be another past: its database was restored. That is told as such.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import httpx2
import msgspec

from gridmask_client.answer import Answer, Json
from gridmask_client.call import Call, get
from gridmask_client.client import AsyncClient
from gridmask_client.disk import Disk
from gridmask_client.errors import Behind, NotFound, NotResumable, Unreachable, Unreadable
from gridmask_client.masks import MaskDelta, WholeMask
from gridmask_client.replica import Replica
from gridmask_client.snapshot import Snapshot
from gridmask_client.sse import Event, Events

T = TypeVar("T")

Compared = Literal["same", "ahead", "other"]
"""How a server's mask is beside the one here: ``ahead``, it has a later revision; ``other``, it is neither."""

_MASK = "/api/v1/masks/{vo}"
_STREAM = f"{_MASK}/stream"
_DELTA = f"{_MASK}/delta"

_OTHER_PAST = "other past"
"""Why a server that is asked what changed says that nothing leads there, if it was restored."""

_REMEMBERED = 256
"""So many marks are remembered of revisions that were here."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. All but the last two are longer or shorter by chance, so that many readers do not ask together.

    Attributes:
        poll: between two questions, where there is no stream.
        check: between two, while there is one: whether it tells all, and how old that is.
        again: until a stream is tried again that was refused.
        first: until one comes back, at first; each time is twice as long...
        longest: ... up to this.
        save: between two times that the mask is written to disk.
        silence: after which a stream is taken for dead; the server says something each 15 s.
        settle: for how long a server may tell an older revision before it is believed.
    """

    poll: float = 15.0
    check: float = 60.0
    again: float = 300.0
    first: float = 1.0
    longest: float = 30.0
    save: float = 5.0
    silence: float = 45.0
    settle: float = 10.0


class NoStream(Exception):
    """There are no streams here, or not for us now; masks may be had all the same."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class Follower:
    """See above. ``made`` makes a client; ``disk`` is where the mask is kept."""

    def __init__(
        self,
        replica: Replica,
        made: Callable[[], AsyncClient],
        vo: str,
        disk: Disk | None = None,
        pace: Pace | None = None,
        most_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        self._replica = replica
        self._made = made
        self._vo = vo
        self._disk = disk
        self._pace = pace or Pace()
        self._most_bytes = most_bytes
        self._lower_since: float | None = None
        self._no_stream_until = -1.0
        self._saved: tuple[Snapshot | None, str, float] = (None, "", -1e9)
        self._marks: dict[int, str] = {}
        self._failures = 0
        self._retry: float | None = None
        self._sure = False
        self._told = 0
        self.answered = threading.Event()
        self.streaming = False

    async def run(self) -> None:
        """Follow, for ever."""
        try:
            async with self._made() as client:
                while True:  # noqa: ASYNC110 - nobody tells when it is time again
                    await asyncio.sleep(await self._turn(client))
        finally:
            self._save(at_once=True)

    async def _turn(self, client: AsyncClient) -> float:
        """Follow until something goes wrong, or ask once. Returns after how many seconds to do it again."""
        try:
            await self.catch_up(client)
            self._replica.problem = None
            self.answered.set()
            if not self._may_stream():
                self._failures = 0
                return _about(self._pace.poll)
            await self._stream(client)
            return _about(self._retry or self._pace.first)
        except NoStream as refused:
            self._no_stream_until = self._replica.clock() + max(_about(self._pace.again), refused.wait or 0.0)
            return _about(self._pace.poll)
        except (httpx2.TransportError, OSError) as error:
            return self._failed(Unreachable(f"The stream broke off ({str(error) or type(error).__name__})."))
        except Exception as error:  # noqa: BLE001 - whatever it is, the mask must not grow old in silence
            return self._failed(error)
        finally:
            self.streaming = False
            self._save()

    def _may_stream(self) -> bool:
        return self._replica.clock() >= self._no_stream_until

    def _failed(self, error: Exception) -> float:
        self._replica.failed(error)
        self.answered.set()
        self._failures += 1
        wanted = getattr(error, "wait", None) or 0.0
        pause = self._pace.longest if getattr(error, "permanent", True) else self._pace.first * 2 ** min(self._failures - 1, 10)
        return max(_about(min(pause, self._pace.longest)), wanted)

    # --- Asking

    async def catch_up(self, client: AsyncClient) -> None:
        """Have what the server has; or, if there is a stream to tell the difference, at least know that there is one."""
        snapshot = self._replica.snapshot
        self._sure = True
        if snapshot is not None and snapshot.mark:
            await self._go_on(client, snapshot)
            return
        if snapshot is None or snapshot.etag:
            await self._read(client, snapshot.etag if snapshot else "")
            return
        compared = await self._compare(client, snapshot)
        if compared == "ahead" and self._may_stream():
            self._sure = False
        elif compared != "same":
            await self._read(client)

    async def _go_on(self, client: AsyncClient, snapshot: Snapshot) -> None:
        """Read what changed; where nothing leads from here to there, the whole mask."""
        asked_at = self._replica.clock()
        asking = get(_DELTA, _as_it_is, {"since": snapshot.bookmark}, vo=self._vo)
        try:
            answer = await client.do(asking)
        except NotResumable as refused:
            await self._read(client, restored=refused.facts.get("reason") == _OTHER_PAST)
        except NotFound:  # a server of before there were marks, perhaps
            await self._read(client, snapshot.etag)
        else:
            self._delta(Json(MaskDelta)(answer), asked_at - (answer.number("age") or 0))

    async def _read(self, client: AsyncClient, have: str = "", *, restored: bool = False) -> None:
        """Read the whole mask, unless it is the one with the entity tag ``have``. ``restored``: it is of another past."""
        asked_at = self._replica.clock()
        answer = await client.do(self._asking(**({"If-None-Match": have} if have else {})))
        confirmed = asked_at - (answer.number("age") or 0)
        if answer.status == 304:
            self._right(confirmed)
        else:
            mask = Json(WholeMask)(answer)
            self._whole(Snapshot.of(mask, answer.headers.get("etag", "")), confirmed, restored=restored)

    async def _compare(self, client: AsyncClient, snapshot: Snapshot) -> Compared:
        """How the server's mask is beside this one, by revision and entity tag. It costs no bytes of it."""
        asked_at = self._replica.clock()
        answer = await client.do(self._asking("HEAD", **{"Accept-Encoding": "identity"}))
        revision, etag = answer.number("gridmask-revision") or 0, answer.headers.get("etag", "").removeprefix("W/")
        if revision > snapshot.revision:
            return "ahead"
        if revision < snapshot.revision or etag != snapshot.digest():
            return "other"
        self._right(asked_at - (answer.number("age") or 0))
        return "same"

    async def _check(self, client: AsyncClient, snapshot: Snapshot) -> None:
        """See that the stream tells all that there is.

        Raises:
            Behind: it does not.
        """
        asked_at = self._replica.clock()
        answer = await client.do(self._asking("HEAD"))
        revision, mark = answer.number("gridmask-revision") or 0, answer.headers.get("gridmask-mark", "")
        is_other = revision == snapshot.revision and mark != snapshot.mark
        if is_other or revision < snapshot.revision or snapshot.revision < self._told:
            raise Behind(f"The stream of {self._vo}'s mask does not tell what the server has.")
        self._told = revision  # what is under way was told when it is asked the next time
        if revision == snapshot.revision:
            self._right(asked_at - (answer.number("age") or 0))

    def _asking(self, method: str = "GET", **headers: str) -> Call[Answer]:
        asking = get(_MASK, _as_it_is, vo=self._vo)
        return Call(method, asking.route, asking.path, asking.read, headers=tuple(headers.items()))

    # --- What comes

    def _right(self, confirmed: float) -> None:
        self._lower_since = None
        self._replica.confirm(confirmed)

    def _whole(self, told: Snapshot, confirmed: float, *, restored: bool = False) -> None:
        """Take a whole mask, if it is not of before what is here. ``restored``: it is known to be of another past.

        Raises:
            Behind: it is.
        """
        before = self._replica.snapshot
        if before is not None:
            restored = restored or self._is_other(told, before)
            if told.revision < before.revision and not restored:
                self._wait_for_others(told.revision, before.revision)
                restored = True
        self._lower_since = None
        self._replica.take(told, confirmed, restored=restored)
        self._note(told)

    def _is_other(self, told: Snapshot, before: Snapshot) -> bool:
        """Whether a mask is known to be of another past than the one before."""
        if told.mark and before.mark:
            return {**self._marks, before.revision: before.mark}.get(told.revision, told.mark) != told.mark
        return told.revision == before.revision and not told.says_the_same(before)

    def _note(self, snapshot: Snapshot) -> None:
        """Remember by which mark the revision that is here goes."""
        self._marks.pop(snapshot.revision, None)
        self._marks[snapshot.revision] = snapshot.mark
        if len(self._marks) > _REMEMBERED:
            self._marks.pop(next(iter(self._marks)))

    def _wait_for_others(self, told: int, known: int) -> None:
        now = self._replica.clock()
        if self._lower_since is None:
            self._lower_since = now
        if now - self._lower_since < self._pace.settle:
            raise Behind(f"The server has revision {told} of {self._vo}'s mask, and here is {known}: it is asked again.")

    def _delta(self, delta: MaskDelta, confirmed: float) -> None:
        """Take what changed.

        Raises:
            Behind: it is not what comes after what is here.
        """
        here = self._replica.snapshot
        if here is None or delta.vo != here.vo or delta.since > here.revision:
            raise Behind(f"What the server tells of {self._vo}'s mask leaves something out.")
        if delta.revision > here.revision:
            self._lower_since = None
            self._note(here)
            self._replica.become(delta, confirmed)
            self._note(here)
        elif (delta.revision, delta.mark) == (here.revision, here.mark):
            self._right(confirmed)

    # --- The stream

    async def _stream(self, client: AsyncClient) -> None:
        """Take what the stream tells, until it ends."""
        snapshot = self._replica.snapshot
        assert snapshot is not None
        asking = get(_STREAM, _as_it_is, vo=self._vo)
        sent = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Last-Event-ID": snapshot.bookmark}
        call = Call("GET", asking.route, asking.path, asking.read, headers=tuple(sent.items()))
        try:
            async with client.opened(call, self._pace.silence) as response:
                _require_stream(response)
                await self._listen(client, response)
        except httpx2.ReadTimeout as error:
            if self.streaming:
                raise
            raise NoStream("What stands before the server holds its stream back.") from error

    async def _listen(self, client: AsyncClient, response: httpx2.Response) -> None:
        events, self._told = Events(self._most_bytes), 0
        check_at = self._replica.clock() + _about(self._pace.check)
        async for piece in response.aiter_raw():
            self.streaming, self._failures = True, 0
            for event in events.take(piece):
                self._heard(event)
            self._retry = events.retry
            snapshot = self._replica.snapshot
            assert snapshot is not None
            if not self._sure:
                await self._make_sure(client, snapshot)
            elif self._replica.clock() >= check_at:
                check_at = self._replica.clock() + _about(self._pace.check)
                await self._check(client, snapshot)
            self._save()

    async def _make_sure(self, client: AsyncClient, snapshot: Snapshot) -> None:
        """See whether what was resumed is the server's mask: what has the same numbers may be of another past."""
        compared = await self._compare(client, snapshot)
        if compared == "other":
            await self._read(client)
        self._sure = compared != "ahead"

    def _heard(self, event: Event) -> None:
        if event.name == "mask":
            self._whole(Snapshot.of(_decoded(event, WholeMask)), self._replica.clock())
        elif event.name == "delta":
            self._delta(_decoded(event, MaskDelta), self._replica.clock())

    # --- The disk

    def _save(self, *, at_once: bool = False) -> None:
        snapshot, now = self._replica.snapshot, self._replica.clock()
        if self._disk is None or snapshot is None:
            return
        *saved, at = self._saved
        is_new = saved != [snapshot, snapshot.bookmark]
        if now - at >= (self._pace.save if is_new else self._pace.check) or (at_once and is_new):
            self._disk.save(snapshot, self._replica.confirmed_at)
            self._saved = snapshot, snapshot.bookmark, now


def _require_stream(response: httpx2.Response) -> None:
    """Make sure that it is one.

    Raises:
        NoStream: it is not.
    """
    told = Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, b"")
    if told.status != 200 or not told.headers.get("content-type", "").startswith("text/event-stream"):
        raise NoStream(f"There is no stream here ({told.status}).", told.wait())


def _decoded(event: Event, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(event.data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"What the stream tells is no {kind.__name__}: {error}") from error


def _as_it_is(answer: Answer) -> Answer:
    return answer


def _about(seconds: float) -> float:
    """So many seconds, give or take a quarter."""
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
