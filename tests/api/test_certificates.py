"""Certificates that a server in front passes on: from whom they are believed, and what they open."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2
import pytest

from gridmask.access.leaf import LONGEST
from gridmask.access.proxies import LIMITED
from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.domain.errors import InvalidConfiguration
from tests import dirac
from tests.api.conftest import BASE
from tests.api.test_rights import BANNED, ISSUER, SIGNER
from tests.clocks import NOW
from tests.proxies import Span, authority, person, proxy, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid
    from tests.proxies import Holder

SPAN = Span.around(NOW)
CA = authority(SPAN)
USER, STRANGER = signed(CA, person("user"), SPAN), signed(CA, person("stranger"), SPAN)
PROXY = proxy(USER, SPAN)
OWNER = "/C=ch/O=DIRAC/CN=user"
GRANT = {"role": "operator", "vo": "cms", "when": {"subject": OWNER}}
IN_FRONT, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@asynccontextmanager
async def asking(grid: Grid, address: str = IN_FRONT, **more: Any) -> AsyncIterator[httpx2.AsyncClient]:  # noqa: ANN401
    """Whoever asks from ``address``, an installation that believes what comes from ``IN_FRONT``."""
    given = {"access": {"reading": "vo", "proxies": [IN_FRONT]}, "certificate": {"grant": [GRANT]}, "issuer": [ISSUER], **more}
    async with (
        SIGNER.client(grid.clock) as client,
        installation(grid.settings(**given), clock=grid.clock, client=client) as made,
    ):
        transport = httpx2.ASGITransport(create_app(made), client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as asked:
            yield asked


@pytest.fixture
async def client(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    """What stands in front."""
    async with asking(grid) as client:
        yield client


async def access(client: httpx2.AsyncClient, headers: Any) -> httpx2.Response:  # noqa: ANN401
    return await client.get("/api/v1/access", headers=headers)


async def bans(client: httpx2.AsyncClient, holder: Holder) -> int:
    return (await client.post("/api/v1/statuses", json=BANNED, headers=holder.headers)).status_code


async def test_who_shows_a_proxy_is_told_for_whom_they_are_taken(client: httpx2.AsyncClient) -> None:
    grants = [{"role": "operator", "vo": "cms"}]
    told = (await access(client, PROXY.headers)).json()
    assert told == {"name": f"{OWNER}@x509", "kind": "person", "issuer": OWNER, "grants": grants}


async def test_a_proxy_opens_what_its_owner_was_granted_and_nothing_else(client: httpx2.AsyncClient) -> None:
    assert await bans(client, PROXY) == 200
    assert (await client.get("/api/v1/masks/cms", headers=PROXY.headers)).status_code == 200
    assert (await client.get("/api/v1/masks/atlas", headers=PROXY.headers)).status_code == 403
    assert await bans(client, STRANGER) == 403


async def test_the_audit_tells_who_it_was(client: httpx2.AsyncClient) -> None:
    await bans(client, PROXY)
    told = (await client.get("/api/v1/audit", params={"vo": "cms"}, headers=PROXY.headers)).json()
    assert (told["entries"][0]["actor"], told["entries"][0]["issuer"]) == (f"{OWNER}@x509", OWNER)


async def test_from_elsewhere_the_headers_of_a_proxy_are_nothing(grid: Grid) -> None:
    async with asking(grid, ELSEWHERE) as client:
        assert (await access(client, PROXY.headers)).json()["name"] == "anonymous"
        assert await bans(client, PROXY) == 401
        forwarded = {**PROXY.headers, "X-Forwarded-For": IN_FRONT}
        assert (await access(client, forwarded)).json()["name"] == "anonymous"


async def test_where_certificates_do_not_count_they_are_nothing(grid: Grid) -> None:
    async with asking(grid, certificate=None) as client:
        assert (await access(client, PROXY.headers)).json()["name"] == "anonymous"


@pytest.mark.parametrize("verified", ["NONE", "FAILED:self-signed certificate", ""])
async def test_what_was_not_found_to_be_good_is_refused(client: httpx2.AsyncClient, verified: str) -> None:
    answer = await access(client, {**PROXY.headers, "X-Ssl-Client-Verify": verified})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_two_certificates_are_one_too_many(client: httpx2.AsyncClient) -> None:
    twice = [*STRANGER.headers.items(), *PROXY.headers.items()]
    assert (await access(client, twice)).status_code == 401
    both = {**PROXY.headers, "X-SSL-Cert": quote(STRANGER.pem + PROXY.pem)}
    assert (await access(client, both)).status_code == 401


@pytest.mark.parametrize("shown", ["x", "%", "%00%ff", quote("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")])
async def test_rubbish_is_refused(client: httpx2.AsyncClient, shown: str) -> None:
    assert (await access(client, {**PROXY.headers, "X-SSL-Cert": shown})).status_code == 401


async def test_a_certificate_may_have_its_length_and_no_more(client: httpx2.AsyncClient) -> None:
    assert (await access(client, proxy(USER, SPAN, padding=10_000).headers)).status_code == 200
    assert (await access(client, proxy(USER, SPAN, padding=LONGEST).headers)).status_code == 401


async def test_a_certificate_ends(client: httpx2.AsyncClient, grid: Grid) -> None:
    assert (await access(client, PROXY.headers)).status_code == 200
    grid.clock.advance(hours=12)
    assert (await access(client, PROXY.headers)).status_code == 401


async def test_a_limited_proxy_changes_nothing(client: httpx2.AsyncClient) -> None:
    limited = proxy(USER, SPAN, language=LIMITED)
    assert await bans(client, limited) == 403
    assert (await client.get("/api/v1/masks/cms", headers=limited.headers)).status_code == 200


async def test_a_token_counts_for_more_even_a_wrong_one(client: httpx2.AsyncClient, grid: Grid) -> None:
    token = SIGNER.token(grid.clock(), groups=["/atlas"])
    shown = {**PROXY.headers, "Authorization": f"Bearer {token}"}
    assert (await access(client, shown)).json()["name"] == "1234@iam"
    assert (await access(client, {**PROXY.headers, "Authorization": "Bearer x"})).status_code == 401


async def test_diracs_registry_tells_who_may_what(grid: Grid) -> None:
    tables: dirac.Table = {
        "Users": {"ciuser": {"DN": OWNER}},
        "Groups": {"admins": {"Users": "ciuser", "Properties": "SiteManager", "VO": "cms"}},
    }
    path = grid.folder / "dirac.cfg"
    path.write_bytes(dirac.text({"Registry": tables}))
    async with asking(grid, certificate={"registry": path}) as client:
        assert (await access(client, PROXY.headers)).json()["name"] == "ciuser@x509"
        assert await bans(client, PROXY) == 403
        assert await bans(client, proxy(USER, SPAN, group="admins")) == 200
        assert await bans(client, proxy(STRANGER, SPAN, group="admins")) == 403


async def test_without_its_registry_nothing_begins(grid: Grid) -> None:
    with pytest.raises(InvalidConfiguration, match=r"certificate\.registry"):
        async with asking(grid, certificate={"registry": grid.folder / "nowhere.cfg"}):
            pass


async def test_a_page_from_elsewhere_changes_nothing_by_a_certificate_in_a_browser(client: httpx2.AsyncClient) -> None:
    headers = {**PROXY.headers, "Origin": "https://evil.example.org"}
    assert (await client.post("/api/v1/statuses", json=BANNED, headers=headers)).status_code == 403
