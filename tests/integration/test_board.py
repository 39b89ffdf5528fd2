"""Whatever happens, a client that applies what it is told holds what is served (promise R3)."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmask.domain.errors import GridmaskError, NotResumable
from gridmask.domain.status import Status
from gridmask.feeds.mask_json import encode_delta
from gridmask.service.board import Board
from gridmask.service.bookmark import Bookmark
from gridmask.service.deltas import Deltas
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask_client.masks import MaskDelta, WholeMask
from gridmask_client.snapshot import Snapshot
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, Grid, catch_up, outage, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation

NAMES, VOS, GUEST = ("CE1", "CE2", "SE1"), ("all", "atlas", "cms", "lhcb"), "lhcb"
Content = dict[str, Any]

names, whom, hours = st.sampled_from(NAMES), st.sampled_from(VOS), st.integers(-2, 6)
resources = st.fixed_dictionaries(
    {"allowed": st.sampled_from(("", "cms", "cms atlas", "lhcb")), "active": st.booleans(), "renamed": st.booleans()}
)
actions = st.one_of(
    st.tuples(st.just("set_status"), names, whom, st.sampled_from(Status), st.booleans()),
    st.tuples(st.just("release"), names, whom),
    st.tuples(st.just("publish"), st.dictionaries(names, resources)),
    st.tuples(st.just("announce"), st.dictionaries(names, hours)),
    st.tuples(st.just("declare"), names, whom),
    st.tuples(st.just("wait"), st.integers(1, 300)),
    st.tuples(st.just("come_or_leave")),
    st.tuples(st.just("look")),
    st.tuples(st.just("restart")),
)


def decoded(body: bytes) -> Content:
    """What a client makes of a mask: elements by identity."""
    document = json.loads(body)
    return {f"{e['type']} {e['name']}": e for e in document["elements"]}


def applied(content: Content, body: bytes) -> Content:
    """What a client makes of a delta."""
    document = json.loads(body)
    gone = {f"{e['type']} {e['name']}" for e in document["gone"]}
    return {key: e for key, e in content.items() if key not in gone} | decoded(body)


@dataclass
class Play:
    """Two processes on one database: one makes changes, the board of the other looks now and then."""

    grid: Grid
    made: Installation
    board: Board
    seen: dict[tuple[str, int], Content] = field(default_factory=dict)
    etags: dict[str, bytes] = field(default_factory=dict)
    last: dict[str, tuple[int, Content]] = field(default_factory=dict)
    bodies: defaultdict[str, dict[Bookmark, bytes]] = field(default_factory=lambda: defaultdict(dict))

    async def act(self, action: tuple[Any, ...]) -> None:
        name, *arguments = action
        with suppress(GridmaskError):
            await getattr(self, name)(*arguments)

    async def set_status(self, name: str, vo: str, status: Status, binding: bool) -> None:  # noqa: FBT001
        row = RowName(ElementName(name), vo=vo)
        await self.made.statuses.set(ADMIN, [row], status, "play", binding=binding, wanted=Wanted(at(hours=9)))

    async def release(self, name: str, vo: str) -> None:
        await self.made.tokens.release(ADMIN, [RowName(ElementName(name), vo=vo)], "play")

    async def publish(self, listed: dict[str, dict[str, Any]]) -> None:
        entries = [
            osg.resource(
                f"{name}-NEW" if said["renamed"] else name,
                "CE" if name.startswith("CE") else "GridFtp",
                ID=str(NAMES.index(name) + 1),
                extra=f"<AllowedVOs>{said['allowed']}</AllowedVOs>",
                Active=str(said["active"]),
            )
            for name, said in listed.items()
        ]
        self.grid.publish(osg.group("SITE", *entries))
        await sync(self.made, "osg", force=True)

    async def announce(self, ends: dict[str, int]) -> None:
        kinds = {name: "CE" if name.startswith("CE") else "GridFtp" for name in ends}
        listed = [outage("1", name, at(hours=end - 2), at(hours=end), kinds[name]) for name, end in ends.items()]
        self.grid.announce(*listed)
        await sync(self.made, "feed", force=True)

    async def declare(self, name: str, vo: str) -> None:
        now = self.grid.clock.now
        declared = Declaration((ElementName(name),), now, at(hours=8), "WARNING", "play", vo)
        await self.made.downtimes.add(ADMIN, declared)

    async def wait(self, minutes: int) -> None:
        self.grid.clock.advance(minutes=minutes)
        await catch_up(self.made)

    async def come_or_leave(self) -> None:
        if GUEST in await self.made.masks.revisions():
            self.last.pop(GUEST, None)
            await self.made.vos.retire(ADMIN, GUEST, "play")
        else:
            await self.made.vos.add(ADMIN, GUEST)

    async def look(self) -> None:
        await self.board.refresh()

    async def restart(self) -> None:
        self.board = Board(self.made.database, self.grid.clock)

    async def check_each_change(self) -> None:
        """After one action: a mask's revision is another if and only if the mask is, and so is its ETag."""
        fresh = Board(self.made.database, self.grid.clock)
        for vo in await fresh.vo_names():
            served = await fresh.serve(vo, "json")
            self.bodies[vo][Bookmark(served.revision, served.mark)] = served.body
            assert self.etags.setdefault(served.etag, served.body) == served.body
            revision, content = self.last.get(vo, (-1, {}))
            now = decoded(served.body)
            if vo in self.last:
                assert (served.revision != revision) == (now != content)
            self.last[vo] = (served.revision, now)
            assert self.seen.setdefault((vo, served.revision), now) == now

    async def check_clients(self) -> None:
        """Whatever a client last saw, what it is told brings it to what is served."""
        await self.board.refresh()
        there = await self.board.vo_names()
        for (vo, since), content in self.seen.items():
            if vo not in there:
                continue
            served = await self.board.serve(vo, "json")
            delta = await self.board.delta(vo, since)
            told = applied(content, encode_delta(delta)) if delta else content
            assert told == decoded(served.body), f"{vo} since {since}"
            assert (delta.revision if delta else since) == served.revision
        for vo, bodies in self.bodies.items():
            if vo in there:
                await self.check_bytes(vo, bodies)

    async def check_bytes(self, vo: str, bodies: dict[Bookmark, bytes]) -> None:
        """A mask that was served, and what changed since, make the one that is served, byte for byte."""
        served, deltas = await self.board.serve(vo, "json"), Deltas(self.made.database, self.board)
        for since, body in bodies.items():
            here = Snapshot.of(msgspec.json.decode(body, type=WholeMask))
            told = None
            with suppress(NotResumable):
                told = await deltas.serve(vo, since)
            if told is None:
                assert vo == GUEST, "nobody else had left"
                continue
            assert await deltas.serve(vo, since) is told
            here.become(msgspec.json.decode(told.body, type=MaskDelta))
            assert here.encoded() == served.body, f"{vo} since {since}"
            assert (told.revision, told.mark) == (served.revision, served.mark)


@asynccontextmanager
async def play() -> AsyncIterator[Play]:
    with tempfile.TemporaryDirectory() as folder:
        grid = Grid(Path(folder), f"sqlite:///{folder}/gridmask.db")
        grid.publish(osg.group("SITE", osg.resource("CE1", "CE"), osg.resource("SE1", "GridFtp")))
        grid.announce(outage("1", "CE1", at(), at(hours=1)))
        async with grid.open() as made:
            await sync(made)
            yield Play(grid, made, Board(made.database, grid.clock))


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(actions, min_size=4, max_size=14))
async def test_a_client_that_applies_what_it_is_told_holds_what_is_served(script: list[tuple[Any, ...]]) -> None:
    async with play() as playing:
        await playing.check_each_change()
        for action in script:
            await playing.act(action)
            await playing.check_each_change()
            if action[0] in {"look", "restart"}:
                await playing.check_clients()
        await playing.check_clients()
