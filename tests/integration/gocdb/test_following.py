"""Following a GOCDB that answers over the network, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.source import Source
from tests.clocks import at
from tests.gocdb import concerned, error, meta, page, results
from tests.grid import catch_up, said, sync
from tests.integration.gocdb.conftest import SERVICES, SITES, European, outage

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation

pytestmark = pytest.mark.anyio

DAV = concerned("se.example.org", "webdav", "davs://dav.example.org:443/")
UP = {"ce.example.org": "Active", "fts.example.net": "Active", "se.example.org": "Active"}


async def mask(made: Installation, vo: str = "cms") -> dict[str, str]:
    """What ``vo`` is told once all that is due is done."""
    await catch_up(made)
    return said(await made.masks.mask(vo))


async def test_all_pages_of_both_lists_are_the_inventory(gocdb: European) -> None:
    async with gocdb.open() as made:
        reports = await sync(made)
        assert (reports["goc"].failure, reports["goc"].added, reports["goc"].problems) == (None, 8, ())
        assert await mask(made) == UP
    asked = [request.target for request in gocdb.server.asked]
    assert len([target for target in asked if "get_site" in target]) == 3
    assert len([target for target in asked if "get_service_endpoint" in target]) == 4
    assert all("scope=&" in target and "next_cursor=" in target for target in asked)


async def test_reading_it_again_changes_nothing(gocdb: European) -> None:
    gocdb.announce(outage("1G0", at(hours=-1), at(hours=1)))
    async with gocdb.open() as made:
        await sync(made)
        again = (await sync(made)).values()
        assert [(report.added, report.edited, report.removed) for report in again] == [(0, 0, 0)] * 2


async def test_what_is_offered_follows_the_scopes_that_are_vos(gocdb: European) -> None:
    async with gocdb.open(vo={"cms": {}, "atlas": {}, "lhcb": {}}) as made:
        await sync(made)
        assert (await mask(made, "lhcb")).keys() == {"fts.example.net", "se.example.org"}
        assert await mask(made, "atlas") == UP


async def test_a_downtime_finds_the_service_by_a_host_of_its_endpoints(gocdb: European) -> None:
    gocdb.announce(outage("1G0", at(hours=-1), at(hours=1), DAV))
    async with gocdb.open() as made:
        await sync(made)
        await catch_up(made)
        found = {key.type: entry.statuses[0][1].label for key, entry in (await made.masks.mask("cms")).entries.items()}
        assert (found["WebDAV"], found["XRootD component"]) == ("Banned", "Active")


async def test_edits_and_deletions_are_found_by_asking_again(gocdb: European) -> None:
    first, second = outage("1G0", at(hours=-1), at(hours=1)), outage("2G0", at(hours=-1), at(hours=1), DAV)
    gocdb.announce(first, second)
    async with gocdb.open() as made:
        await sync(made)
        assert (await mask(made))["ce.example.org"] == "Banned"
        gocdb.announce(outage("1G0", at(hours=-1), at(hours=1), SEVERITY="WARNING"))
        report = (await sync(made, "feed"))["feed"]
        assert (report.edited, report.removed) == (1, 1)
        assert await mask(made) == UP | {"ce.example.org": "Degraded"}


@pytest.mark.parametrize(
    "body",
    [error("Too busy"), b"Internal error", b"<!DOCTYPE html><html/>", results(meta="<meta>")[:-9], b""],
    ids=["error", "words", "html", "cut", "empty"],
)
async def test_what_is_no_answer_changes_nothing_and_is_told(gocdb: European, body: bytes) -> None:
    gocdb.announce(outage("1G0", at(hours=-1), at(hours=1)))
    async with gocdb.open() as made:
        await sync(made)
        before = await mask(made)
        gocdb.broken = {"get_downtime_nested_services": body, "get_service_endpoint": body}
        reports = await sync(made)
        assert all(report.failure and "page 1 of get_" in report.failure for report in reports.values())
        assert await mask(made) == before


async def test_a_page_that_is_cut_short_withdraws_nothing(gocdb: European) -> None:
    gocdb.announce(outage("1G0", at(hours=-1), at(hours=1)), outage("2G0", at(hours=-1), at(hours=1), DAV))
    async with gocdb.open() as made:
        await sync(made)
        before = await mask(made)
        gocdb.broken = {"get_downtime_nested_services": results(meta=meta(2))}
        report = (await sync(made, "feed"))["feed"]
        assert report.removed == 0
        assert "counts 2 records and holds 0" in report.problems[0]
        assert await mask(made) == before


async def test_a_cursor_that_goes_in_circles_is_given_up(gocdb: European) -> None:
    gocdb.broken = {"get_site": page(SITES, 0, 2)}
    async with gocdb.open() as made:
        failure = (await sync(made, "goc"))["goc"].failure
        assert failure == "page 2 of get_site: leads from the cursor 2 to 2, so that there would be no end."


async def test_away_for_an_hour_and_back_with_edits(gocdb: European) -> None:
    gocdb.announce(outage("1G0", at(hours=-1), at(hours=2)), outage("2G0", at(hours=3), at(hours=9), DAV))
    async with gocdb.open() as made:
        await sync(made)
        gocdb.broken = {"get_": error("Maintenance")}
        gocdb.grid.clock.advance(hours=2, minutes=1)
        await sync(made)
        assert await mask(made) == UP  # the downtime ended as it was announced
        gocdb.broken = {}
        gocdb.announce(outage("1G0", at(hours=-1), at(hours=6)), outage("2G0", at(hours=2), at(hours=9), DAV))
        assert (await sync(made, "feed"))["feed"].edited == 2
        assert await mask(made) == UP | {"ce.example.org": "Banned", "se.example.org": "Banned+Active"}


async def test_files_are_read_as_answers_are(gocdb: European, tmp_path: Path) -> None:
    (tmp_path / "get_site.xml").write_bytes(results(*SITES))
    (tmp_path / "get_service_endpoint.xml").write_bytes(results(*SERVICES))
    (tmp_path / "downtimes.xml").write_bytes(results(outage("1G0", at(hours=-1), at(hours=1))))
    sources = (
        Source(name="goc", kind="gocdb", url=tmp_path.as_uri()),
        Source(name="feed", kind="gocdb-downtimes", url=(tmp_path / "downtimes.xml").as_uri()),
    )
    async with gocdb.open(source=sources) as made:
        await sync(made)
        assert await mask(made) == UP | {"ce.example.org": "Banned"}
        assert (await sync(made, "feed"))["feed"].unchanged
    assert not gocdb.server.asked
