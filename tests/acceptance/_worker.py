"""A writer: a process of its own that does to an installation what people and the loop do, and tells what it was told.

It says what it is about to do before, and what came of it after; whoever listens notes it. It may be told where to die.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from sqlalchemy import event

from gridmask.bootstrap import installation
from gridmask.clock import system_clock
from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.errors import GridmaskError, StoreBusy, StoreError, StoreLost
from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.settings import Settings
from gridmask.source import Source
from tests import osg
from tests.grid import files_only, written

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from multiprocessing.connection import Connection

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import RowKey
    from gridmask.store.ledger import Outcome

CES = tuple(f"CE{number}" for number in range(1, 13))
SES = ("SE1", "SE2")
VOS = ("all", "cms", "atlas")
STATUSES = (Status.BANNED, Status.DEGRADED, Status.PROBING, Status.ACTIVE, Status.ERROR)
CERTAIN = (StoreBusy, StoreLost)
"""Errors of the database that say that nothing was changed."""


HOOK = "hook"
"""The file with the address of the webhook."""


def settings(url: str, folder: Path) -> Settings:
    """The installation that all writers operate; they have the webhook of ``gridmask serve``, where there is one."""
    hook, sources = (
        folder / HOOK,
        (
            Source(name="osg", kind="osg-topology", url=(folder / "inventory.xml").as_uri(), max_takeout=1, max_change=1),
            Source(name="feed", kind="osg-downtimes", url=(folder / "feed.xml").as_uri(), max_takeout=1, max_change=1),
        ),
    )
    webhooks = ({"name": "campaign", "url": hook.read_text()},) if hook.exists() else ()
    told = {"database": url, "source": sources, "vo": {"cms": {"policies": "api"}, "atlas": {}}, "webhook": webhooks}
    return Settings.model_validate(told)


def publish(folder: Path) -> None:
    """The inventory, and a feed without downtimes."""
    ces = (osg.resource(name, "CE") for name in CES)
    ses = (osg.resource(name, "GridFtp") for name in SES)
    (folder / "inventory.xml").write_bytes(osg.summary(osg.group("SITE", *ces, *ses)))
    (folder / "feed.xml").write_bytes(osg.downtimes())


@dataclass
class Fuse:
    """Where the process is to die: at the ``count``th ``place`` from now on; 0: nowhere."""

    place: str = ""
    count: int = 0

    def at(self, place: str) -> None:
        """This is such a place."""
        if place == self.place and self.count > 0:
            self.count -= 1
            if self.count == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def arm(made: Installation, fuse: Fuse) -> None:
    """Have statements and commits looked at by ``fuse``."""
    engine = made.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *_: fuse.at("statement"))
    event.listen(engine, "commit", lambda _: fuse.at("commit"))


@dataclass
class Writer:
    """Does one thing after the other, each chosen by chance."""

    made: Installation
    name: str
    random: Random
    pipe: Connection
    folder: Path
    fuse: Fuse = field(default_factory=Fuse)
    count: int = 0
    mine: list[str] = field(default_factory=list)

    @property
    def actor(self) -> Actor:
        return Actor.administrator(self.name)

    async def run(self) -> None:
        """Until told to stop."""
        deeds: tuple[tuple[Callable[[], Awaitable[None]], int], ...] = (
            (self.set_statuses, 30),
            (self.set_what_was_seen, 15),
            (self.take, 10),
            (self.release, 8),
            (self.declare, 8),
            (self.cancel, 4),
            (self.put_policies, 5),
            (self.report, 12),
            (self.read_feed, 5),
            (self.catch_up, 8),
            (self.rule, 4),
            (self.add_vo, 1),
            (self.sweep, 2),
        )
        choices, weights = zip(*deeds, strict=True)
        while self.heed():
            [deed] = self.random.choices(choices, weights)
            await deed()

    def heed(self) -> bool:
        """Hear what the listener has to say. False: stop."""
        while self.pipe.poll():
            told = json.loads(self.pipe.recv_bytes())
            if "stop" in told:
                return False
            self.fuse.place, self.fuse.count = told["place"], told["count"]
        return True

    def say(self, say: str, tag: str, **more: Any) -> None:  # noqa: ANN401 - whatever JSON holds
        self.pipe.send_bytes(json.dumps({"say": say, "tag": tag, **more}).encode())

    async def do(self, what: str, work: Callable[[str], Awaitable[tuple[Outcome, object]]], **claim: Any) -> bool:  # noqa: ANN401
        """Claim, do, tell. ``work`` is given the tag, for its comment. True: it is done."""
        self.count += 1
        tag = f"#{self.name}-{self.count}"
        self.say("claim", tag, what=what, **claim)
        try:
            outcome, more = await work(tag)
        except GridmaskError as error:
            certain = isinstance(error, CERTAIN) or not isinstance(error, StoreError)
            self.say("no" if certain else "doubt", tag, error=type(error).__name__, text=str(error))
            if isinstance(error, StoreError):
                await asyncio.sleep(0.05)
            return False
        self.fuse.at("told")
        self.say("ack", tag, revision=outcome.revision, more=more)
        return True

    def rows(self) -> list[RowName]:
        """Some rows of one VO."""
        names = self.random.sample([*CES, *SES], self.random.choice((1, 1, 2, 5)))
        vo = self.random.choice(VOS)
        return [RowName(ElementName(name), vo=vo) for name in sorted(names)]

    def term(self) -> Wanted:
        """Most terms end soon, so that the loop has something to do."""
        if self.random.random() < 0.3:
            return Wanted(lasting=True)
        return Wanted(system_clock() + timedelta(seconds=self.random.uniform(0.5, 5)))

    async def set_statuses(self) -> None:
        await self._set(self.rows(), None)

    async def set_what_was_seen(self) -> None:
        """As who looks first, and writes only if nothing happened since."""
        [row] = self.rows()[:1]
        try:
            (explained, *_) = await self.made.statuses.why(row)
        except StoreError:
            await asyncio.sleep(0.05)
            return
        await self._set([row], explained.seen.row.revision)

    async def _set(self, rows: list[RowName], seen: int | None) -> None:
        status, term = self.random.choice(STATUSES), self.term()

        async def work(tag: str) -> tuple[Outcome, object]:
            outcome, keys = await self.made.statuses.set(self.actor, rows, status, tag, wanted=term, seen=seen)
            return outcome, told(keys)

        await self.do("set", work, rows=len(rows), status=int(status), seen=seen, owner=self.name, until=moment(term))

    async def take(self) -> None:
        rows, term = self.rows(), self.term()

        async def work(tag: str) -> tuple[Outcome, object]:
            outcome, keys = await self.made.tokens.take(self.actor, rows, tag, term)
            return outcome, told(keys)

        await self.do("take", work, rows=len(rows), owner=self.name, until=moment(term))

    async def release(self) -> None:
        rows = self.rows()

        async def work(tag: str) -> tuple[Outcome, object]:
            outcome, keys = await self.made.tokens.release(self.actor, rows, tag)
            return outcome, told(keys)

        await self.do("release", work, rows=len(rows))

    async def declare(self) -> None:
        now = system_clock()
        names = tuple(ElementName(name) for name in sorted(self.random.sample(CES, self.random.choice((1, 3)))))
        start = now + timedelta(seconds=self.random.choice((-1, 1)))
        end = now + timedelta(seconds=self.random.uniform(2, 6))

        async def work(tag: str) -> tuple[Outcome, object]:
            outcome, downtime = await self.made.downtimes.add(self.actor, Declaration(names, start, end, "OUTAGE", tag))
            self.mine.append(downtime.key.record)
            return outcome, {"record": downtime.key.record, "targets": len(downtime.targets)}

        await self.do("declare", work, targets=len(names))

    async def cancel(self) -> None:
        if not self.mine:
            return
        record = self.mine.pop()

        async def work(tag: str) -> tuple[Outcome, object]:
            outcome, downtime = await self.made.downtimes.cancel(self.actor, record, tag)
            return outcome, {"record": downtime.key.record}

        await self.do("cancel", work)

    async def put_policies(self) -> None:
        outage = self.random.choice(("Banned", "Degraded", "Probing"))

        async def work(tag: str) -> tuple[Outcome, object]:
            text = f"# {tag}\n[policy.declared-downtimes]\narguments = {{ outage = {outage!r} }}\n"
            put = await self.made.policy_layers.put(self.actor, "cms", text, tag)
            return put.outcome, {"version": put.layer.version.number}

        await self.do("put", work)

    async def report(self) -> None:
        about = {"type": "ComputingElement", "name": self.random.choice(CES)}

        async def work(_: str) -> tuple[Outcome, object]:
            value = {"name": "deeds", "value": self.count}
            measured = {"kind": "metric", "about": about, "record": "m", "value": value, "valid_for": "10s"}
            raw = msgspec.Raw(msgspec.json.encode({**measured, "observed_at": system_clock()}))
            reported = await self.made.evidence.report(self.actor, self.name, [raw])
            return reported.outcome, None

        await self.do("report", work, source=self.name, element=about["name"])

    async def read_feed(self) -> None:
        """The feed says something else, and is read."""
        now, chosen = system_clock(), self.random.sample(CES, 2)
        start, end = now - timedelta(hours=1), now + timedelta(minutes=self.random.choice((-5, 5)))
        listed = (osg.downtime(str(CES.index(name)), name, StartTime=written(start), EndTime=written(end)) for name in chosen)
        new = self.folder / f"feed.{self.name}"
        new.write_bytes(osg.downtimes(*listed))
        new.replace(self.folder / "feed.xml")

        async def work() -> None:
            async for _ in self.made.sources.sync(self.actor, ["feed"]):
                pass

        await self._quietly(work())

    async def catch_up(self) -> None:
        async def work(_: str) -> tuple[Outcome, object]:
            return await self.made.inspector.catch_up(), None

        await self.do("catch up", work)

    async def sweep(self) -> None:
        await self._quietly(self.made.inspector.sweep(100))

    async def _quietly(self, work: Awaitable[object]) -> None:
        """Something that nobody waits for."""
        try:
            await work
        except GridmaskError:
            await asyncio.sleep(0.05)

    async def rule(self) -> None:
        name, mode = self.random.choice(CES), self.random.choice((Mode.OBSERVE_ONLY, None))

        async def work(tag: str) -> tuple[Outcome, object]:
            outcome, _ = await self.made.automation.rule(self.actor, [ElementName(name)], "atlas", mode, tag)
            return outcome, None

        await self.do("rule", work)

    async def add_vo(self) -> None:
        name = f"vo{self.name}-{self.count}"

        async def work(tag: str) -> tuple[Outcome, object]:
            return await self.made.vos.add(self.actor, name, tag), None

        await self.do("add VO", work, vo=name)


def moment(wanted: Wanted) -> str | None:
    """When a term ends, as books have it; what has its turn only then comes to nothing."""
    return f"{wanted.until:%Y-%m-%d %H:%M:%S.%f}" if wanted.until else None


def told(keys: tuple[RowKey, ...]) -> list[list[str]]:
    """Rows as they are noted."""
    return [[key.element.name, key.element.type, key.status_type, key.vo] for key in keys]


async def write(pipe: Connection, url: str, folder: str, name: str, seed: int) -> None:
    """Open the installation, again and again where the database is away, and write to it until told to stop."""
    fuse = Fuse()
    while True:
        try:
            async with installation(settings(url, Path(folder)), client=files_only(system_clock)) as made:
                arm(made, fuse)
                await Writer(made, name, Random(seed), pipe, Path(folder), fuse).run()
                return
        except StoreError:
            await asyncio.sleep(0.1)


def main(pipe: Connection, url: str, folder: str, name: str, seed: int) -> None:
    """What the process does."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    logging.getLogger("sqlalchemy").setLevel(logging.CRITICAL)  # of connections to a server that was killed
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    try:
        asyncio.run(write(pipe, url, folder, name, seed))
    except (BrokenPipeError, EOFError, ConnectionResetError):
        sys.exit(1)  # nobody listens any more
