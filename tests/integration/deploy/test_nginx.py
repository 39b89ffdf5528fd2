"""The nginx of the deployment in front of two Gridmasks, as it is in operation."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.service.static_copy import StaticCopy
from tests import front as fronts
from tests import osg
from tests.conftest import where_installed
from tests.documentation import ROOT
from tests.front import CONF, Files
from tests.grid import Grid, sync
from tests.proxies import Span, authority, person, revoked, server, signed
from tests.served import served_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

DEPLOYED = ROOT / "deploy" / "nginx" / "gridmask.conf"
ACCESS: dict[str, Any] = {"access": {"reading": "public", "proxies": ["127.0.0.1"]}}
MASK = "/api/v1/masks/cms"


@dataclass
class Site:
    """An nginx, and the two Gridmasks behind it, each of which can be ended."""

    address: str
    folder: Path
    behind: list[ExitStack]

    def client(self) -> httpx2.Client:
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        return httpx2.Client(verify=context, base_url=self.address, timeout=10, trust_env=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}")
    grid.publish(osg.group("A", osg.resource("CE1", "CE")))
    grid.announce()
    masks = asyncio.run(exported(grid))
    with ExitStack() as whole:
        behind = [whole.enter_context(ExitStack()) for _ in range(2)]
        one, other = (each.enter_context(served_with(grid.settings(**ACCESS))).removeprefix("http://") for each in behind)
        others = {
            "/run/gridmask-masks/": f"{masks}/",
            f"server {one} max_fails=1 fail_timeout=5s;": f"server {one} max_fails=1 fail_timeout=5s; server {other};",
        }
        whole.enter_context(where_installed())
        nginx = whole.enter_context(fronts.front(files(folder), f"http://{one}", DEPLOYED, others))
        yield Site(nginx.address, folder, behind)


async def exported(grid: Grid) -> Path:
    """A folder with masks as files, which nginx's user can read."""
    masks = grid.folder / "masks"
    async with grid.open() as made:
        await sync(made)
        await StaticCopy(made.masks, made.board, masks).write()
    for each in (masks, *list(masks.parents)[:-2]):
        each.chmod(0o755)
    return masks


def files(folder: Path) -> Files:
    span = Span.around()
    ca = authority(span)
    (folder / "ca.pem").write_text(ca.pem)
    (folder / "revoked.pem").write_text(revoked(ca, span, [signed(ca, person("gone"), span)]))
    both = server(ca, span).file(folder / "server.pem")
    return Files(both, both, folder / "ca.pem", folder / "revoked.pem")


def test_readers_get_masks_over_tls_and_may_ask_again_whether_they_changed(site: Site) -> None:
    with site.client() as client:
        first = client.get(MASK)
        assert (first.status_code, first.json()["vo"]) == (200, "cms")
        assert re.fullmatch("[0-9a-f]{32}", first.headers["x-request-id"])
        assert client.get(MASK, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_stream_tells_at_once_what_is_so(site: Site) -> None:
    with site.client() as client, client.stream("GET", f"{MASK}/stream") as stream:
        lines = stream.iter_lines()
        assert any(line.startswith("data: ") for line in lines)  # the stream goes on; it would not come if it were kept back


def test_masks_as_files_come_packed_to_those_who_take_that(site: Site) -> None:
    with site.client() as client:
        packed = client.get("/masks/cms/latest/mask.json", headers={"Accept-Encoding": "gzip"})
        plain = client.get("/masks/cms/latest/mask.json", headers={"Accept-Encoding": "identity"})
        assert (packed.headers["content-encoding"], packed.headers["cache-control"]) == ("gzip", "no-cache")
        assert packed.content == plain.content == client.get(MASK, headers={"Accept-Encoding": "identity"}).content
        assert client.post("/masks/cms/latest/mask.json").status_code == 403
        assert client.get("/masks/.lock").status_code == 403


def test_what_is_of_one_revision_may_be_kept(site: Site) -> None:
    (revision,) = [each.name for each in (site.folder / "masks" / "cms").iterdir() if not each.is_symlink()]
    with site.client() as client:
        assert "immutable" in client.get(f"/masks/cms/{revision}/mask.json").headers["cache-control"]


def test_a_body_that_is_too_long_comes_no_further(site: Site) -> None:
    with site.client() as client:
        assert client.post("/api/v1/statuses", content=b"x" * (2 * 2**20 + 1)).status_code == 413


def test_nobody_notices_that_one_of_two_is_gone(site: Site) -> None:
    site.behind[0].close()
    with site.client() as client:
        assert {client.get(MASK).status_code for _ in range(20)} == {200}


def test_masks_as_files_are_there_though_nothing_else_is(site: Site) -> None:
    for one in site.behind:
        one.close()
    with site.client() as client:
        assert (client.get(MASK).status_code, client.get("/masks/cms/latest/mask.json").json()["vo"]) == (502, "cms")


def test_it_forwards_certificates_as_the_example_does() -> None:
    """What is told of certificates is tried with the example; that this is the same, here."""
    deployed = set(map(str.strip, DEPLOYED.read_text().splitlines()))
    telling = re.compile(r"ssl_(verify|client|crl|protocols|certificate)|proxy_set_header|include ")
    needed = {line.strip() for line in CONF.read_text().splitlines() if telling.match(line.strip())}
    assert len(needed) > 10
    assert needed - deployed == set()
