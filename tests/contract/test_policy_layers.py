"""The policies of VOs that keep them by the API: put, refused, kept, followed by others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from gridmask.bootstrap import visit
from gridmask.domain.errors import Conflict, Forbidden, InvalidConfiguration, InvalidRequest, LayerRefused, NotKnown, StaleLayer
from gridmask.service.policy_layers import MOST_BYTES, MOST_DOTS, named
from gridmask.store.tables import statuses
from tests.contract import books
from tests.contract.books import Sabotage, sabotaged
from tests.grid import ADMIN, CMS, said, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.service.policy_layers import Put
    from tests.grid import Grid

BY_API = {"cms": {"policies": "api"}, "atlas": {}}
BY_FILE: dict[str, dict[str, str]] = {"cms": {}, "atlas": {}}
CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Banned" }\n'
OPEN = '[policy.open]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Degraded" }\n'


async def put(made: Installation, text: str, **more: Any) -> Put:  # noqa: ANN401 - what put takes
    return await made.policy_layers.put(CMS, "cms", text, "as agreed", **more)


async def judged_by(made: Installation) -> set[str]:
    """The revisions of the policies that rows were judged by last."""
    async with made.database.reading() as connection:
        return set(await connection.scalars(select(statuses.c.policy_revision)))


async def mask(made: Installation, vo: str) -> dict[str, str]:
    return said(await made.masks.mask(vo))


async def test_what_is_put_is_in_force_at_once_for_its_vo_alone(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        await sync(made)
        done = await put(made, CLOSED)
        assert done.outcome.revision is not None
        assert (await mask(made, "cms"))["CE2"] == "Banned"
        assert (await mask(made, "atlas"))["CE2"] == "Active"


async def test_every_version_is_kept_as_it_was_written(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        first = "# so it is\r\n" + CLOSED
        await put(made, first)
        grid.clock.advance(hours=1)
        await put(made, OPEN)
        last, before = await made.policy_layers.versions("CMS")
        assert ((last.number, last.author, last.at, last.reason), before.number) == (
            (2, "shifter", grid.clock(), "as agreed"),
            1,
        )
        assert [version.number for version in await made.policy_layers.versions("cms", before=2)] == [1]
        assert (await made.policy_layers.show("cms")).text == OPEN
        assert (await made.policy_layers.show("cms", 1)).text == first
        with pytest.raises(NotKnown, match="version of the policies of cms called '3'"):
            await made.policy_layers.show("cms", 3)


async def test_who_put_what_is_in_the_books(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        await sync(made)
        await put(made, CLOSED)
        kept = await books.read(made.database)
        assert ("shifter", "person", "policies put", "cms, version 1: as agreed") in [row[2:6] for row in kept["audit"]]
        assert kept["policy_revisions"][-1][2].keys() >= {"all", "cms"}
        assert "shifter" in {row[3] for row in kept["policy_revisions"]}


async def test_what_is_there_already_makes_no_version(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        await put(made, CLOSED)
        again = await put(made, CLOSED)
        assert (again.layer.version.number, again.outcome.revision) == (1, None)


async def test_nobody_put_any_yet(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        layer = await made.policy_layers.show("cms")
        assert (layer.text, layer.version.number, layer.version.at) == ("", 0, None)
        await put(made, CLOSED, seen={named(layer.version)})


async def test_everything_that_is_wrong_is_told_and_nothing_is_changed(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        await sync(made)
        await put(made, OPEN)
        before = await books.read(made.database)
        wrong = '[policy.a]\ntype = "alwys"\n[policy.b]\ntype = "downtime"\nmatch.nam = "x"\n[guard]\n'
        with pytest.raises(LayerRefused) as refused:
            await put(made, wrong, place="cms.toml")
        assert [(line, key) for _, line, key, _ in refused.value.problems] == [
            (2, "policy.a.type"),
            (5, "policy.b.match.nam"),
            (6, "guard"),
        ]
        assert "cms.toml:2: policy.a.type: there is no rule 'alwys'; did you mean 'always'?" in str(refused.value)
        assert await books.read(made.database) == before


@pytest.mark.parametrize("text", ["[policy", "a = 1\0", "[[[[", '[policy.x]\narguments.status = "Banned"', "x = " + "[" * 9999])
async def test_what_cannot_be_read_or_overrides_nothing_is_refused(grid: Grid, text: str) -> None:
    async with grid.open(vo=BY_API) as made:
        with pytest.raises(LayerRefused):
            await put(made, text)
        assert await made.policy_layers.versions("cms") == []


async def test_a_layer_is_checked_together_with_the_others(grid: Grid) -> None:
    followed = '[policy.sites]\ntype = "propagation"\nmatch.family = "Site"\n'
    policies = toml_policies(grid.folder, followed)
    async with grid.open(vo=BY_API, policies=policies) as made:
        with pytest.raises(LayerRefused, match="they would chase each other"):
            await put(made, '[policy.resources]\ntype = "propagation"\nmatch.family = "Resource"\narguments.of = "site"\n')
        await put(made, "[policy.sites]\nenabled = false\n")


async def test_a_check_puts_nothing_and_warns_of_what_can_hardly_be_meant(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        await sync(made)
        before = await books.read(made.database)
        found = await made.policy_layers.check(CMS, "cms", CLOSED.replace("CE2", "CE-2"))
        assert found.errors == ()
        assert [(w.line, w.key) for w in found.warnings] == [(3, "policy.closed.match.name")]
        assert await books.read(made.database) == before


async def test_a_stale_write_is_refused(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        first = (await put(made, CLOSED)).layer.version
        second = (await put(made, OPEN, seen={first.revision[:8]})).layer.version
        with pytest.raises(StaleLayer) as stale:
            await put(made, "", seen={named(first)})
        assert (stale.value.current, stale.value.author) == (second.revision, "shifter")
        with pytest.raises(StaleLayer):
            await put(made, "", seen={second.revision[:7]})
        assert (await made.policy_layers.show("cms")).text == OPEN


async def test_only_who_may_change_a_vo_can_put_its_policies(grid: Grid) -> None:
    async with grid.open(vo={**BY_API, "atlas": {"policies": "api"}}) as made:
        with pytest.raises(Forbidden, match="shifter may not put policies for atlas"):
            await made.policy_layers.put(CMS, "atlas", CLOSED, "as agreed")
        with pytest.raises(Forbidden):
            await made.policy_layers.check(CMS, "atlas", CLOSED)
        assert await made.policy_layers.versions("atlas") == []
        await made.policy_layers.put(ADMIN, "atlas", CLOSED, "as agreed")


async def test_what_is_kept_in_a_file_cannot_be_put(grid: Grid) -> None:
    policies = toml_policies(grid.folder, atlas=CLOSED)
    async with grid.open(vo=BY_API, policies=policies) as made:
        for name, where in (("atlas", str(policies / "vo" / "atlas.toml")), ("all", "all.toml")):
            with pytest.raises(Conflict, match="are kept in a file") as refused:
                await made.policy_layers.put(ADMIN, name, OPEN, "as agreed")
            assert where in str(refused.value)
            with pytest.raises(Conflict, match="are kept in a file"):
                await made.policy_layers.show(name)


async def test_what_is_too_long_or_has_no_reason_or_no_vo_is_refused(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        with pytest.raises(InvalidRequest, match="at most"):
            await put(made, "#" * (MOST_BYTES + 1))
        with pytest.raises(InvalidRequest, match="Line 2 has more than 500 dots"):
            await put(made, f"\npolicy{'.x' * (MOST_DOTS + 1)} = 1")
        with pytest.raises(InvalidRequest, match="A reason is needed"):
            await made.policy_layers.put(CMS, "cms", CLOSED, " ")
        with pytest.raises(NotKnown):
            await made.policy_layers.put(ADMIN, "nobody", CLOSED, "as agreed")


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_where_putting_fails_halfway_nothing_is_changed(grid: Grid, number: int) -> None:
    async with grid.open(vo=BY_API) as made:
        await sync(made)
        before, in_force = await books.read(made.database), made.inspector.policies
        with sabotaged(made.database, number), pytest.raises(Sabotage):
            await put(made, CLOSED)
        assert await books.read(made.database) == before
        assert made.inspector.policies is in_force


async def test_a_restart_keeps_what_was_put(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made:
        await sync(made)
        await put(made, CLOSED)
        revision = made.inspector.policies.revision
    async with grid.open(vo=BY_API) as again:
        assert again.inspector.policies.revision == revision
        assert (await mask(again, "cms"))["CE2"] == "Banned"
    async with visit(grid.settings(), clock=grid.clock) as visitor:
        assert visitor.inspector.policies.revision == revision
        assert (await visitor.policy_layers.show("cms")).text == CLOSED


async def test_a_restart_tells_what_does_not_go_with_the_files_any_more(grid: Grid) -> None:
    policies = toml_policies(grid.folder, '[policy.extra]\ntype = "always"\narguments.status = "Active"\n')
    async with grid.open(vo=BY_API, policies=policies) as made:
        await put(made, "\n[policy.extra]\nenabled = false\n")
    toml_policies(grid.folder, "")
    told = r"the policies of cms in the database, version 1:2: policy.extra: there is no such policy"
    with pytest.raises(InvalidConfiguration, match=told):
        async with grid.open(vo=BY_API, policies=policies):
            pass


async def test_another_process_notices_at_its_next_look(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made, grid.open(vo=BY_API) as other:
        await sync(made)
        await other.reloading.look()
        await put(made, CLOSED)
        assert await other.reloading.look()
        assert other.inspector.policies.revision == made.inspector.policies.revision
        assert (await mask(other, "cms"))["CE2"] == "Banned"
        assert not await other.reloading.look()
        assert not await made.reloading.look()


async def test_what_another_process_judged_meanwhile_by_the_old_ones_is_judged_again(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made, grid.open(vo=BY_API) as other:
        await sync(made)
        await put(made, CLOSED)
        await other.inspector.sweep(100)
        assert (await mask(other, "cms"))["CE2"] == "Probing"
        await other.reloading.look()
        assert made.inspector.policies.revision in await judged_by(made)
        assert (await mask(other, "cms"))["CE2"] == "Banned"


async def test_what_two_processes_put_for_two_vos_both_counts(grid: Grid) -> None:
    both = {"cms": {"policies": "api"}, "atlas": {"policies": "api"}}
    async with grid.open(vo=both) as made, grid.open(vo=both) as other:
        await sync(made)
        await put(made, CLOSED)
        await other.policy_layers.put(ADMIN, "atlas", OPEN, "as agreed")
        await made.reloading.look()
        assert ((await mask(made, "cms"))["CE2"], (await mask(made, "atlas"))["CE2"]) == ("Banned", "Degraded")


async def test_of_those_who_put_at_once_having_seen_the_same_one_succeeds(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made, grid.open(vo=BY_API) as other:
        seen = {named((await put(made, "# begun")).layer.version)}
        both = (put(made, CLOSED, seen=seen), put(other, OPEN, seen=seen))
        done = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(one).__name__ for one in done) == ["Put", "StaleLayer"]
        assert [version.number for version in await made.policy_layers.versions("cms")] == [2, 1]


async def test_a_clock_that_is_behind_does_not_take_back_what_was_put(grid: Grid) -> None:
    async with grid.open(vo=BY_API) as made, grid.open(vo=BY_API) as other:
        await put(made, CLOSED)
        grid.clock.advance(minutes=-5)
        await other.policy_layers.put(CMS, "cms", OPEN, "as agreed")
        assert await made.reloading.look()
        assert made.inspector.policies.revision == other.inspector.policies.revision


async def test_files_that_change_leave_what_was_put_in_force(grid: Grid) -> None:
    policies = toml_policies(grid.folder, "")
    async with grid.open(vo=BY_API, policies=policies) as made:
        await sync(made)
        await made.reloading.look()
        await put(made, CLOSED)
        toml_policies(grid.folder, '[policy.more]\ntype = "always"\nmatch.name = "CE3"\narguments.status = "Degraded"\n')
        assert await made.reloading.look()
        assert {name: (await mask(made, "cms"))[name] for name in ("CE2", "CE3")} == {"CE2": "Banned", "CE3": "Degraded"}


async def test_files_that_are_refused_do_not_keep_what_was_put_from_other_processes(grid: Grid) -> None:
    policies = toml_policies(grid.folder, "")
    async with grid.open(vo=BY_API, policies=policies) as made, grid.open(vo=BY_API, policies=policies) as other:
        await sync(made)
        toml_policies(grid.folder, "[policy.x]\n")
        assert not await other.reloading.look()
        await put(made, CLOSED)
        assert await other.reloading.look()
        assert "all.toml" in (other.reloading.problem or "")


async def test_a_layer_is_moved_from_file_to_api_without_a_gap(grid: Grid) -> None:
    policies = toml_policies(grid.folder, cms=CLOSED)
    async with grid.open(vo=BY_FILE, policies=policies) as made:
        await sync(made)
        revision = made.inspector.policies.revision
        async with visit(grid.settings(vo=BY_API), clock=grid.clock) as visitor:
            with pytest.raises(Conflict, match="put just what the file says first"):
                await put(visitor, OPEN)
            await put(visitor, CLOSED)
        assert not await made.reloading.look()
    (policies / "vo" / "cms.toml").unlink()
    async with grid.open(vo=BY_API, policies=policies) as moved:
        assert moved.inspector.policies.revision == revision
        await put(moved, OPEN)


async def test_a_layer_is_moved_from_api_to_file_without_a_gap(grid: Grid) -> None:
    policies = toml_policies(grid.folder)
    async with grid.open(vo=BY_API, policies=policies) as made:
        await put(made, CLOSED)
        revision = made.inspector.policies.revision
        text = (await made.policy_layers.show("cms")).text
    toml_policies(grid.folder, cms=text)
    async with grid.open(vo=BY_FILE, policies=policies) as moved:
        assert moved.inspector.policies.revision == revision
        with pytest.raises(Conflict, match="are kept in a file"):
            await put(moved, OPEN)
        assert [version.number for version in await moved.policy_layers.versions("cms")] == [1]


async def test_a_put_that_takes_much_is_held_by_the_guard(grid: Grid) -> None:
    policies = toml_policies(grid.folder, "[guard]\nshare = 0.1\nnumber = 0\n")
    async with grid.open(vo=BY_API, policies=policies) as made:
        await sync(made)
        await put(made, CLOSED)
        assert (await mask(made, "cms"))["CE2"] == "Active"
        assert len(await made.batches.list()) == 1
