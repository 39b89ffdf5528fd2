"""Evidence that is pushed by `POST /api/v1/evidence`, from a source like any other: silenced, spoiled, lying (promise D3)."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from tests.clocks import at
from tests.grid import ADMIN, catch_up
from tests.integration.sources.judging import PROBE_SPOILS, probe
from tests.integration.sources.speaking import CES, CRITICAL, WARNING
from tests.integration.sources.world import differences, masks, read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.integration.sources.world import World

REFUSED = [name for name in PROBE_SPOILS if name not in {"is old", "is without a result"}]


@asynccontextmanager
async def pushing(world: World, on_missing: str = "hold", borealis: str = "") -> AsyncIterator[tuple[Installation, Script]]:
    """An installation that nobody tells of probes but a script; it has done so once."""
    world.changed["probes"] = lambda _: {"": ()}
    async with world.open(on_missing, vo_policies=borealis) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            script = Script(world, made, client)
            assert (await script.reports()).status_code == 200
            yield made, script


class Script:
    """Reports what probes say."""

    def __init__(self, world: World, made: Installation, client: httpx2.AsyncClient) -> None:
        self._world, self._made, self._client = world, made, client

    async def reports(self, result: str | None = None, **instead: Any) -> httpx2.Response:  # noqa: ANN401
        """Send the results of now: as all is well, or all the same; ``instead`` replaces members of each."""
        told = [{**json.loads(probe(ce, self._world.clock(), result)), **instead} for ce in CES]
        return await self.sends(told)

    async def sends(self, measurements: object) -> httpx2.Response:
        """Send a report, and let all happen that is due then."""
        answer = await self._client.post("/api/v1/evidence", json={"source": "script", "measurements": measurements})
        await catch_up(self._made)
        return answer


async def test_what_is_pushed_bans(world: World) -> None:
    async with pushing(world) as (made, _):
        said = await masks(made)
        assert (said[f"aurora: {CRITICAL}"], said[f"aurora: {WARNING}"]) == ("Banned", "Degraded")


@pytest.mark.parametrize("on_missing", ["hold", "unknown"])
async def test_a_report_in_which_something_cannot_be_is_refused_whole(world: World, on_missing: str) -> None:
    async with pushing(world, on_missing) as (made, script):
        before, answers = await masks(made), {}
        good = [json.loads(probe(ce, world.clock(), "CRITICAL")) for ce in CES]
        for name in REFUSED:
            spoiled = json.loads(PROBE_SPOILS[name](json.dumps(good[-1])))
            answers[name] = (await script.sends([*good[:-1], spoiled])).status_code
            assert differences(before, await masks(made)) == {}, name
        assert answers == dict.fromkeys(REFUSED, 422)


async def test_what_is_no_report_is_refused(world: World) -> None:
    async with pushing(world) as (made, script):
        before = await masks(made)
        reports: list[object] = [[], [None], [7], {}, "x", [{}], [{"kind": "probe"}]]
        for sent in reports:
            assert (await script.sends(sent)).status_code == 422, sent
        assert differences(before, await masks(made)) == {}


async def test_a_report_that_contradicts_itself_is_refused(world: World) -> None:
    async with pushing(world) as (made, script):
        before = await masks(made)
        both = [json.loads(probe(CES[-1], world.clock(), result)) for result in ("OK", "CRITICAL")]
        answer = await script.sends(both)
        assert (answer.status_code, "listed twice" in answer.json()["detail"]) == (422, True)
        assert (await script.sends(both[:1] * 2)).status_code == 200
        assert differences(before, await masks(made)) == {}


async def test_what_comes_late_or_has_expired_already_changes_nothing(world: World) -> None:
    async with pushing(world, "unknown") as (made, script):
        before = await masks(made)
        assert (await script.reports("CRITICAL", observed_at=at(hours=-1).isoformat())).status_code == 200
        assert (await script.reports("OK", observed_at=at(days=-9).isoformat())).status_code == 200
        assert differences(before, await masks(made)) == {}


async def test_silence_is_held_and_what_comes_after_it_counts(world: World) -> None:
    async with pushing(world) as (made, script):
        before = await masks(made)
        world.clock.advance(hours=5)
        await read(made, "inventory", "feed")
        assert differences(before, await masks(made)) == {}
        assert (await script.reports()).status_code == 200
        assert (differences(before, await masks(made)), await made.batches.list()) == ({}, [])


async def test_silence_is_unknown_where_that_is_wanted_and_a_ban_is_left_through_probing(world: World) -> None:
    async with pushing(world, "unknown") as (made, script):
        before = await masks(made)
        world.clock.advance(hours=2)  # for so long counts what does not say
        await read(made, "inventory", "feed")
        said = await masks(made)
        # the other policy says that nothing is announced
        assert (said[f"all: {CRITICAL}"], said[f"all: {WARNING}"], said[f"all: {CES[-1]}"]) == ("Probing", "Active", "Active")
        await script.reports()
        assert differences(before, await masks(made)) == {}


async def test_a_script_that_finds_everything_bad_is_held_until_it_is_put_right(world: World) -> None:
    async with pushing(world) as (made, script):
        before = await masks(made)
        world.clock.advance(minutes=5)
        assert (await script.reports("CRITICAL")).status_code == 200
        [batch] = await made.batches.list()
        assert (str(batch.cause), differences(before, await masks(made))) == ("source script", {})
        world.clock.advance(minutes=5)
        await script.reports()
        assert (differences(before, await masks(made)), await made.batches.list()) == ({}, [])


async def test_a_script_that_finds_everything_bad_is_believed_if_somebody_says_so(world: World) -> None:
    async with pushing(world) as (made, script):
        world.clock.advance(minutes=5)
        await script.reports("CRITICAL")
        [batch] = await made.batches.list()
        await made.batches.confirm(ADMIN, batch.id, "It is so.")
        said = await masks(made)
        assert {said[f"all: {ce}"] for ce in CES} == {"Banned"}
