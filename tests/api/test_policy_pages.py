"""The pages of policies: what governs what, what it says, and what VOs' layers were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.service.selection import ElementName, RowName
from tests.grid import ADMIN, toml_policies
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

ALL = """
[policy.declared-downtimes]
type = "downtime"
arguments = { lead = { WriteAccess = "12h" } }

[policy.emptied]
type = "always"
match = { name = "SE*", tags = "!tape" }
arguments = { status = "Degraded", comment = "slow disks" }
advisory = true
"""
ATLAS = '[policy.declared-downtimes]\nenabled = false\n[policy."a/b"]\ntype = "always"\narguments = { status = "Active" }\n'
CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Banned" }\n'


@pytest.fixture
async def gridmask(grid: Grid, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation in which cms keeps its policies by the API, and atlas in a file."""
    policies = toml_policies(tmp_path, ALL, atlas=ATLAS)
    async with grid.open(policies=policies, vo={"cms": {"policies": "api", "aliases": ["uscms"]}, "atlas": {}}) as made:
        yield made


async def page(client: httpx2.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, read(answer.text)
    return read(answer.text)


async def test_each_policy_tells_what_it_governs_says_and_decides(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/policies?vo=uscms")
    assert told.startswith("Policies for cms 2 policies decide for cms")
    assert 'downtime · the installation\'s lead = { WriteAccess = "12h" } everything 8 elements, 11 rows' in told
    assert "1 Banned" in told
    assert "emptied advisory always · the installation's" in told
    assert "name SE* tags not tape 1 element, 4 rows 4 Degraded 4 Degraded 0 0 0" in told


async def test_the_layers_in_force_are_told_with_where_they_are_kept(client: httpx2.AsyncClient) -> None:
    assert "The installation 2 policies · all.toml All of it in force since" in await page(client, "/policies")
    assert "atlas 2 policies · vo/atlas.toml" in await page(client, "/policies?vo=atlas")
    assert "cms 0 policies · kept by the API Nobody put any yet." in await page(client, "/policies?vo=cms")


async def test_a_version_that_was_put_is_told_with_its_author_and_reason(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    await gridmask.policy_layers.put(ADMIN, "cms", CLOSED, "as agreed")
    told = await page(client, "/policies?vo=cms")
    assert "kept by the API Version 1, by admin 2026-08-21 17:00 UTC : as agreed All versions" in told
    assert "closed always · cms's own" in told


async def test_what_is_switched_off_for_a_vo_is_told_last(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/policies?vo=atlas")
    assert "declared-downtimes off downtime · atlas's, in place of the installation's" in told
    assert "switched off, for atlas alone" in told
    assert told.index("a/b") < told.index("emptied") < told.index("declared-downtimes off")


async def test_a_file_that_says_something_else_than_what_is_in_force_is_told_of(
    client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "policies" / "vo" / "atlas.toml").write_text("nonsense")
    assert "Its file says something else than what is in force" in await page(client, "/policies?vo=atlas")


async def test_a_policy_tells_the_worst_first_with_why(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/policies/declared-downtimes?vo=cms")
    assert "declared-downtimes downtime The installation's: " in told
    assert 'lead { WriteAccess = "12h" }' in told
    assert "says now of 11 rows that cms reads" in told
    assert told.index("In downtime 1") < told.index("No downtime is announced")
    assert "SE1 WebDAV at A Check, Read, Remove, Write Active" in told
    assert "In downtime 1" not in await page(client, "/policies/declared-downtimes?vo=cms&verdict=Active")


async def test_what_a_person_holds_a_policy_does_not_decide(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.tokens.take(ADMIN, [RowName(ElementName("CE1"))], "mine")
    told = await page(client, "/policies/declared-downtimes?vo=cms&verdict=Banned")
    assert "New fans Banned a person holds it" in told


async def test_what_the_guard_holds_a_policy_does_not_decide(
    client: httpx2.AsyncClient, gridmask: Installation, tmp_path: Path
) -> None:
    (tmp_path / "policies" / "all.toml").write_text(f"{ALL}\n[guard]\nshare = 0.0\nnumber = 0\n")
    assert await gridmask.reloading.look()
    await gridmask.policy_layers.put(ADMIN, "cms", CLOSED, "as agreed")
    told = await page(client, "/policies/closed?vo=cms")
    assert "Banned Always Banned. Active the guard holds it" in told


async def test_a_policy_is_found_whatever_it_is_called(client: httpx2.AsyncClient) -> None:
    for path in ("/policies?vo=atlas&name=a/b", "/policies/a%2Fb?vo=atlas"):
        assert "a/b always atlas 's own" in await page(client, path)
    assert 'href="/policies?name=a%2Fb&amp;vo=atlas"' in (await client.get("/policies?vo=atlas")).text


async def test_a_policy_that_there_is_not_is_told_with_the_nearest(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/policies/emptid?vo=cms", headers={"Accept": "text/html"})
    assert (answer.status_code, "emptied" in read(answer.text)) == (404, True)


async def test_versions_are_told_with_how_each_came_about(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    for number, text in enumerate((CLOSED, CLOSED.replace("CE2", "CE1"), "")):
        await gridmask.policy_layers.put(ADMIN, "cms", text, f"reason {number}")
    told = await page(client, "/policies/versions?vo=cms")
    assert "Version 3 in force reason 2" in told
    assert "Version 3 against version 2" in told
    assert "0 lines come, 4 go." in told
    assert '- match.name = "CE2" 3 + match.name = "CE1"' in await page(client, "/policies/versions?vo=cms&version=2")
    assert "Version 3 against version 1" in await page(client, "/policies/versions?vo=cms&version=3&against=1")


async def test_where_there_is_no_version_it_is_said_why(client: httpx2.AsyncClient) -> None:
    assert "There is no version" in await page(client, "/policies/versions?vo=atlas")
    assert "kept in a file" in await page(client, "/policies/versions")
    assert (await client.get("/policies/versions?vo=cms&version=9")).status_code == 404


async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient) -> None:
    for path in ("/policies?vo=cms&days=0", "/policies?vo=cms&dais=3", "/policies/x?verdict=Fine"):
        assert (path, (await client.get(path, headers={"Accept": "text/html"})).status_code) == (path, 422)
