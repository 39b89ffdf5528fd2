"""Feeds that are kept in files and at addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.errors import InvalidConfiguration, StoreUnavailable
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.actuated import StoreDouble, listening, quick
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation


@pytest.fixture
def grid(tmp_path: Path, made_sqlite: str) -> Grid:
    """A site with four computing elements."""
    made = quick(tmp_path, made_sqlite)
    made.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2", "CE3", "CE4"))))
    return made


def table(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the table holds
    return {"feed": ({"name": "sites", "vo": "cms", "form": "usable-sites", **more},)}


async def begin(made: Installation) -> None:
    await sync(made)
    await made.dispatcher.deliver()


async def put(made: Installation, name: str, status: Status) -> None:
    await made.statuses.set(ADMIN, [RowName(ElementName(name))], status, "for a test")
    await made.dispatcher.deliver()


def values(body: bytes) -> dict[str, str]:
    return {site["name"]: site["value"] for site in json.loads(body)}


async def test_a_file_is_what_the_mask_says_and_readable(grid: Grid) -> None:
    file = grid.folder / "usableSites.json"
    async with grid.open(**table(file=file)) as made:
        await begin(made)
        assert values(file.read_bytes()) == {"SITE": "usable"}
        assert file.stat().st_mode & 0o777 == 0o644
        await put(made, "SITE", Status.BANNED)
        assert values(file.read_bytes()) == {"SITE": "not_usable"}
        assert [one.name for one in grid.folder.glob(".usable*")] == []


async def test_a_file_with_the_same_bytes_is_left_alone(grid: Grid) -> None:
    file = grid.folder / "sites.json"
    async with grid.open(**table(file=file)) as made:
        await begin(made)
        before = file.stat()
        await put(made, "CE1", Status.BANNED)
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_what_others_do_to_it_is_set_right(grid: Grid) -> None:
    file = grid.folder / "sites.json"
    async with grid.open(**table(file=file, mode="0640")) as made:
        await begin(made)
        file.unlink()
        grid.clock.advance(minutes=11)
        await made.dispatcher.deliver()
        assert values(file.read_bytes()) == {"SITE": "usable"}
        assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("form", "part"),
    [("ssb", b"#txt"), ("vo-feed", b"<root>"), ("json", b'"revision"'), ("text", b"# vo=cms"), ("diracx-compute", b'"CE1"')],
)
async def test_every_form_is_kept(grid: Grid, form: str, part: bytes) -> None:
    file = grid.folder / "feed"
    async with grid.open(**table(file=file, form=form)) as made:
        await begin(made)
        assert part in file.read_bytes()


async def test_an_empty_mask_does_not_take_the_place_of_a_feed_until_somebody_says_so(grid: Grid) -> None:
    file = grid.folder / "sites.json"
    async with grid.open(**table(file=file)) as made:
        await begin(made)
        full = file.read_bytes()
        grid.publish()
        await sync(made, force=True)
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert file.read_bytes() == full
        assert [one.state for one in (await made.actuators.drift(ADMIN, "sites")).drift] == ["held"]
        await made.actuators.run(ADMIN, "sites", "it is closed", everything=True)
        assert json.loads(file.read_bytes()) == []


async def test_a_mask_in_which_nothing_may_be_used_is_published(grid: Grid) -> None:
    file = grid.folder / "mask.json"
    async with grid.open(**table(file=file, form="json", purpose="use")) as made:
        await begin(made)
        rows = [RowName(ElementName(name)) for name in ("SITE", "CE1", "CE2", "CE3", "CE4")]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "closed")
        await made.dispatcher.deliver()
        assert json.loads(file.read_bytes())["elements"] == []


async def test_while_the_database_is_away_the_file_stays(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    file = grid.folder / "sites.json"
    async with grid.open(**table(file=file)) as made:
        await begin(made)

        async def away() -> None:
            raise StoreUnavailable("It is away.")

        monkeypatch.setattr(made.board, "refresh", away)
        file.write_bytes(b"old")
        with pytest.raises(StoreUnavailable):
            await made.actuators.plan(ADMIN, "sites")
        assert file.read_bytes() == b"old"


async def test_a_folder_that_is_not_there_is_told(grid: Grid) -> None:
    async with grid.open(**table(file=grid.folder / "gone" / "sites.json")) as made:
        await begin(made)
        (one,) = (await made.actuators.drift(ADMIN, "sites")).drift
        assert (one.state, "No such file or directory" in one.detail) == ("failed", True)


async def test_a_dry_run_writes_no_file(grid: Grid) -> None:
    file = grid.folder / "sites.json"
    async with grid.open(**table(file=file, dry_run=True)) as made:
        await begin(made)
        assert not file.exists()


async def test_an_address_is_put_to_with_a_token_when_its_bytes_differ(grid: Grid) -> None:
    token = grid.folder / "token"
    token.write_text("secret-word")
    async with listening(StoreDouble()) as store:
        async with grid.open(**table(url=f"{store.url}/bucket/sites.json", token_file=token)) as made:
            await begin(made)
            await put(made, "CE1", Status.BANNED)
            await put(made, "SITE", Status.BANNED)
        puts = [asked for asked in store.asked if asked.method == "PUT"]
        assert [values(asked.body) for asked in puts] == [{"SITE": "usable"}, {"SITE": "not_usable"}]
        told = {(asked.headers["authorization"], asked.headers["content-type"]) for asked in puts}
        assert told == {("Bearer secret-word", "application/json")}


@pytest.mark.parametrize("status", [500, 403, 0])
async def test_an_address_that_cannot_be_read_is_not_written(grid: Grid, status: int) -> None:
    async with listening(StoreDouble(broken={"GET": status})) as store:
        async with grid.open(**table(url=f"{store.url}/sites.json")) as made:
            await begin(made)
            (state,) = await made.actuators.list(ADMIN)
        assert (store.said("PUT"), state.state) == ([], "failing")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"file": "x", "url": "https://y.example.org"},
        {"file": "x", "mode": "0777"},
        {"file": "x", "mode": "rw"},
        {"file": "x", "form": "xml"},
    ],
)
def test_what_makes_no_sense_is_refused(grid: Grid, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="feed"):
        grid.settings(**table(**wrong))


async def test_a_token_is_not_sent_in_the_open(grid: Grid) -> None:
    given = table(url="http://store.example.org/x", token_file=grid.folder / "token")
    with pytest.raises(InvalidConfiguration, match="by https only"):
        async with grid.open(**given):
            pass


def test_a_vo_is_one_vo(grid: Grid, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name one VO"):
        grid.settings(feed=({"name": "s", "vo": "all", "form": "ssb", "file": tmp_path / "x"},))
