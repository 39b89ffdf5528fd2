from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import FetchFailed, TooManyRedirects
from gridmask.http import Validators
from tests.integration.http.conftest import LIMITS
from tests.integration.http.server import reply, running

if TYPE_CHECKING:
    from gridmask.http import Client
    from tests.integration.http.server import Server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(server: Server, client: Client, status: int) -> None:
    url = server.on("/old", reply(status, Location="new?x=1"))
    server.on("/new", reply(200, b"here"))
    answer = await client.get(url)
    assert answer.body == b"here"
    assert answer.provenance.url == url


async def test_a_redirect_loop_is_given_up(server: Server, client: Client) -> None:
    server.on("/b", reply(302, Location="/a"))
    with pytest.raises(TooManyRedirects, match="more than 5 times"):
        await client.get(server.on("/a", reply(302, Location="/b")))
    assert len(server.asked) == LIMITS.max_redirects + 1


@pytest.mark.parametrize(
    "location",
    ["file:///etc/hostname", "ftp://example.org/", "https:///x", "mailto:anna@example.org", "http://127.0.0.1:99999/"],
)
async def test_a_redirect_off_the_web_is_refused(server: Server, client: Client, location: str) -> None:
    with pytest.raises(FetchFailed, match="no http or https URL"):
        await client.get(server.on("/a", reply(302, Location=location)))


@pytest.mark.parametrize("location", ["http://[::1", "http://127.0.0.1:port/", "/" + 70_000 * "a"])
async def test_a_redirect_that_makes_no_sense_is_an_error(server: Server, client: Client, location: str) -> None:
    with pytest.raises(FetchFailed):
        await client.get(server.on("/a", reply(302, Location=location)))
    assert len(server.asked) == 1


async def test_the_conditions_follow_the_redirect(server: Server, client: Client) -> None:
    server.on("/new", reply(304))
    await client.get(server.on("/old", reply(302, Location="/new")), Validators('"1"'))
    assert [asked.headers["if-none-match"] for asked in server.asked] == ['"1"', '"1"']


async def test_credentials_follow_within_an_origin_only(server: Server, client: Client) -> None:
    async with running() as other:
        server.on("/a", reply(302, Location="/b"))
        server.on("/b", reply(302, Location=other.on("/c", reply())))
        await client.get(f"{server.url}/a".replace("://", "://anna:secret@"))
        assert ["authorization" in asked.headers for asked in server.asked + other.asked] == [True, True, False]


async def test_credentials_in_a_redirect_are_not_used(server: Server, client: Client) -> None:
    there = server.on("/b", reply()).replace("://", "://eve:evil@")
    await client.get(server.on("/a", reply(302, Location=there)))
    assert "authorization" not in server.asked[1].headers
