from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.api.guards import MOST_BYTES
from gridmask.loopback import is_loopback, names_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

RELEASE = "/api/v1/tokens/release"
BODY = {"rows": [{"name": "CE2"}]}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.9.1", "::1", "grid.localhost"])
def test_this_machine_has_several_names(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["", "example.org", "127.0.0.1.example.org", "0.0.0.0", "::", "10.0.0.1", "localhost.example.org"]
)
def test_no_other_name_is_this_machines(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize(
    "authority", ["", "evil@", "[::1", "localhost:port@example.org", "127.0.0.1@example.org", "[::2]:8000"]
)
def test_no_trick_makes_a_foreign_host_ours(authority: str) -> None:
    assert not names_loopback(authority)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "grid.localhost:8000"])
async def test_names_of_this_machine_are_answered_to(client: httpx2.AsyncClient, host: str) -> None:
    assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/masks/cms", "/", "/nowhere"])
async def test_a_name_that_was_made_to_point_here_is_not_answered_to(client: httpx2.AsyncClient, path: str) -> None:
    response = await client.get(path, headers={"Host": "evil.example.org:8000"})
    assert response.status_code == 421
    assert "evil.example.org" in response.json()["detail"]


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://127.0.0.1:9000", "http://localhost:8000"])
async def test_a_page_from_elsewhere_changes_nothing(client: httpx2.AsyncClient, origin: str) -> None:
    response = await client.post(RELEASE, json=BODY, headers={"Origin": origin})
    assert response.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_a_browser_says_is_of_a_page_from_elsewhere_changes_nothing(client: httpx2.AsyncClient, site: str) -> None:
    response = await client.post(RELEASE, json=BODY, headers={"Sec-Fetch-Site": site})
    assert response.status_code == 403


async def test_a_page_of_our_own_may_change_things(client: httpx2.AsyncClient) -> None:
    response = await client.post(RELEASE, json=BODY, headers={"Origin": "http://127.0.0.1:8000"})
    assert response.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_is_not_called_json_is_refused(client: httpx2.AsyncClient, kind: str) -> None:
    response = await client.post(RELEASE, content=b'{"rows": [{"name": "CE2"}]}', headers={"Content-Type": kind})
    assert (response.status_code, response.headers["Accept"]) == (415, "application/json")


async def test_json_may_name_its_charset(client: httpx2.AsyncClient) -> None:
    response = await client.post(RELEASE, json=BODY, headers={"Content-Type": "application/json; charset=utf-8"})
    assert response.status_code == 200


async def test_a_body_that_is_too_long_is_refused_by_what_it_says(client: httpx2.AsyncClient) -> None:
    response = await client.post(RELEASE, content=b" " * (MOST_BYTES + 1), headers=JSON)
    assert (response.status_code, "1,048,576 bytes" in response.json()["detail"]) == (413, True)


async def test_a_body_that_does_not_say_how_long_it_is_is_refused_once_it_is_too_long(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 65536

    response = await client.post(RELEASE, content=endless(), headers=JSON)
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/masks/cms", "/api/v1/statuses", "/nowhere", "/metrics", "/openapi.json"])
async def test_every_answer_tells_browsers_to_run_nothing(client: httpx2.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
