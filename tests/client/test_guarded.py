"""A mask that only who shows a token may read, over TLS: it is followed as any other."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.rights import Grant, Role
from gridmask_client import Client, Mask, Named, masks, statuses
from gridmask_client.errors import Forbidden, Unauthenticated, Unreachable
from tests.api.conftest import in_folder
from tests.client.test_mask import QUICK, Changes
from tests.clocks import WallClock
from tests.grid import ADMIN
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.grid import Grid
    from tests.pki import Pki

GRANTS = {"reader": (Role.READER, "cms"), "operator": (Role.OPERATOR, "cms"), "other": (Role.READER, "atlas")}


async def issued(grid: Grid, folder: Path) -> None:
    """A token for each, in a file."""
    async with grid.open() as made:
        for name, grant in GRANTS.items():
            _, shown = await made.service_tokens.issue(ADMIN, name, [Grant(*grant)], timedelta(days=1), "test")
            (folder / name).write_text(shown)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokens")


@pytest.fixture(scope="module")
def guarded(template: Path, tmp_path_factory: pytest.TempPathFactory, tokens: Path, pki: Pki) -> Iterator[str]:
    """Where it is served."""
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    grid = in_folder(folder)
    grid.clock = WallClock()
    asyncio.run(issued(grid, tokens))
    tls = {"certificate": pki.certificate("server"), "key": pki.key("server")}
    with served(grid, server=tls, access={"reading": "vo"}) as address:
        assert address.startswith("https://")
        yield address


def test_it_is_followed_with_a_token_from_a_file(guarded: str, tokens: Path, pki: Pki) -> None:
    changes = Changes()
    with Mask(guarded, "cms", token=tokens / "reader", ca=pki.ca, pace=QUICK) as mask:
        changes.mask = mask
        mask.on_change(changes.put)
        with Client(guarded, token=tokens / "operator", ca=pki.ca) as client:
            client.do(statuses.set([Named("CE2", "cms")], "Banned", "because", lasting=True))
            revision = client.do(masks.read("cms")).revision
        assert revision is not None
        changes.until(revision)
        assert (mask.usable("CE2"), mask.is_streaming, mask.problem) == (False, True, None)


def test_a_token_that_is_another_by_now_is_taken(guarded: str, tokens: Path, tmp_path: Path, pki: Pki) -> None:
    file = tmp_path / "token"
    file.write_text((tokens / "other").read_text())
    with pytest.raises(Forbidden):
        Mask(guarded, "cms", token=file, ca=pki.ca, pace=QUICK)
    file.write_text("gridmask_" + "x" * 55)
    with pytest.raises(Unauthenticated):
        Mask(guarded, "cms", token=file, ca=pki.ca, pace=QUICK)
    file.write_text((tokens / "reader").read_text())
    with Mask(guarded, "cms", token=file, ca=pki.ca, pace=QUICK) as mask:
        assert mask.revision >= 2


def test_a_server_that_nobody_vouches_for_is_told_nothing(guarded: str, tokens: Path, pki: Pki) -> None:
    with pytest.raises(Unreachable, match="certificate verify failed"):
        Mask(guarded, "cms", token=tokens / "reader", ca=pki.certificate("stranger"), pace=QUICK, wait=10)
