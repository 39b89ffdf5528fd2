"""Masks as files: what is there is whole at every moment, and what did not change is not touched."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from backports import zstd

from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.status import Status
from gridmask.service import static_files
from gridmask.service.selection import ElementName, RowName
from gridmask.service.static_copy import StaticCopy
from tests.api.conftest import grid, gridmask, template
from tests.grid import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation

__all__ = ["grid", "gridmask", "template"]  # fixtures of theirs are fixtures here


@pytest.fixture
def copy(gridmask: Installation, tmp_path: Path) -> StaticCopy:
    return StaticCopy(gridmask.masks, gridmask.board, tmp_path / "www", keep=2, aliases={"uscms": "cms"})


async def ban(gridmask: Installation, status: Status = Status.BANNED, vo: str = "cms") -> None:
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("CE2"), vo=vo)], status, "play")


def stamps(folder: Path) -> dict[str, Any]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_ino, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.name not in {".lock", "checked.json"}
    }


def index(copy: StaticCopy) -> Any:  # noqa: ANN401 - JSON
    return json.loads((copy.folder / "index.json").read_text())


async def test_it_has_what_is_served_packed_and_not(copy: StaticCopy, gridmask: Installation) -> None:
    assert (await copy.write()).masks == 3
    told = index(copy)["masks"]["cms"]
    for form, variants in told["formats"].items():
        served = await gridmask.masks.serve("cms", form)
        for coding, unpack in (("identity", bytes), ("gzip", gzip.decompress), ("zstd", zstd.decompress)):
            body = (copy.folder / told["path"] / variants[coding]["file"]).read_bytes()
            assert unpack(body) == served.body
            assert (variants[coding]["size"], variants[coding]["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert (told["revision"], told["mark"]) == gridmask.board.point("cms")
    assert (copy.folder / "cms" / "latest").resolve() == copy.folder / told["path"]
    assert index(copy)["aliases"] == {"uscms": "cms"}


async def test_what_did_not_change_is_not_touched(copy: StaticCopy, gridmask: Installation) -> None:
    await copy.write()
    before = stamps(copy.folder)
    again = await copy.write()
    assert (again.written, again.index, stamps(copy.folder) == before) == (0, False, True)
    await ban(gridmask)
    assert (await copy.write()).written == 1
    after = stamps(copy.folder)
    assert {path for path in before if after.get(path) != before[path]} == {"cms", "cms/latest", "index.json"}


async def test_old_revisions_go_and_the_last_one_stays(copy: StaticCopy, gridmask: Installation) -> None:
    copied = await copy.write()
    for status in (Status.BANNED, Status.PROBING, Status.ACTIVE):
        await ban(gridmask, status)
        copied = await copy.write()
    assert copied.dropped == 1
    kept = sorted(path.name for path in (copy.folder / "cms").iterdir() if path.name != "latest")
    assert [name.partition("-")[0] for name in kept] == ["4", "5"]
    assert index(copy)["masks"]["cms"]["path"] == f"cms/{kept[-1]}"


async def test_a_vo_that_left_is_in_it_no_more(copy: StaticCopy, gridmask: Installation) -> None:
    await copy.write()
    await gridmask.vos.retire(ADMIN, "atlas", "over")
    assert (await copy.write()).masks == 2
    assert ([*(copy.folder / "atlas").iterdir()], sorted(index(copy)["masks"])) == ([], ["all", "cms"])


async def test_only_what_is_wanted_is_written_and_others_are_left_alone(
    copy: StaticCopy, gridmask: Installation, tmp_path: Path
) -> None:
    await copy.write()
    some = StaticCopy(gridmask.masks, gridmask.board, copy.folder, frozenset({"CMS"}), ("json",), tell_checked=False)
    (copy.folder / "checked.json").unlink()
    await some.write()
    assert (sorted(index(copy)["masks"]), (copy.folder / "atlas" / "latest").exists()) == (["cms"], True)
    assert not (copy.folder / "checked.json").exists()
    with pytest.raises(NotKnown):
        await StaticCopy(gridmask.masks, gridmask.board, tmp_path / "x", frozenset({"nope"})).write()


async def test_what_a_killed_process_left_goes_and_never_shows(copy: StaticCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    await copy.write()
    before = (copy.folder / "cms" / "latest").readlink()
    (copy.folder / "cms" / ".half-1").mkdir()
    (copy.folder / "cms" / ".half-2").symlink_to("nowhere")
    await copy.write()
    assert sorted(path.name for path in (copy.folder / "cms").iterdir()) == sorted(["latest", str(before)])

    def full(*_: Any) -> None:  # noqa: ANN401 - whatever it is called with
        raise OSError(28, "No space left on device", "mask.json")

    (copy.folder / "index.json").write_text("another")
    monkeypatch.setattr(static_files, "_write", full)
    with pytest.raises(InvalidRequest, match=r"cannot be kept: No space left on device \(mask.json\)"):
        await copy.write()


async def test_two_do_not_write_at_once(copy: StaticCopy) -> None:
    await copy.write()
    with static_files.locked(copy.folder / ".lock"), pytest.raises(InvalidRequest, match="Another process"):
        await copy.write()


def test_nothing_else_in_a_folder_is_ever_dropped(tmp_path: Path) -> None:
    for name in ("7-0123456789abcdef", "8-0123456789abcdef", "mine", "9-x"):
        (tmp_path / name).mkdir()
    assert static_files.drop_old(tmp_path, "7-0123456789abcdef", 1) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7-0123456789abcdef", "9-x", "mine"]
