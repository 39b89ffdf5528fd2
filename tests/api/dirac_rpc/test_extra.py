"""Hosts that ask in the name of others, through the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.dirac_rpc.encoding import encoded
from gridmask.settings import DiracRpc
from tests import dirac
from tests.clocks import NOW
from tests.proxies import Span, authority, person, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid
    from tests.proxies import Holder

SPAN = Span.around(NOW)
CA = authority(SPAN)
TRUSTED, PLAIN = signed(CA, person("trusted"), SPAN), signed(CA, person("plain"), SPAN)
DN = "/C=ch/O=DIRAC/CN={}"
IN_FRONT = "192.0.2.1"
BAN = ["ResourceStatus", {"Name": "CE2", "Status": "Banned", "VO": "cms", "Reason": "Smoke."}]


def registry(properties: str) -> bytes:
    tables: dirac.Table = {
        "Users": {"anna": {"DN": DN.format("anna")}},
        "Groups": {"admins": {"Users": "anna", "Properties": "SiteManager", "VO": "cms"}},
        "Hosts": {
            "trusted": {"DN": DN.format("trusted"), "Properties": properties},
            "plain": {"DN": DN.format("plain"), "Properties": "SiteManager"},
        },
    }
    return dirac.text({"Registry": tables})


@pytest.fixture
async def client(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    path = grid.folder / "dirac.cfg"
    path.write_bytes(registry("TrustedHost"))
    settings = grid.settings(
        dirac_rpc=DiracRpc(enabled=True),
        access={"reading": "vo", "proxies": [IN_FRONT]},
        certificate={"registry": path},
    )
    async with installation(settings, clock=grid.clock) as made:
        transport = httpx2.ASGITransport(create_app(made), client=(IN_FRONT, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="https://localhost") as asked:
            yield asked


async def call(client: httpx2.AsyncClient, who: Holder, extra: object, method: str, *arguments: object) -> httpx2.Response:
    form = {"method": method, "args": encoded(list(arguments)).decode(), "clientVO": "cms"}
    if extra is not None:
        form["extraCredentials"] = encoded(extra).decode()
    return await client.post("/ResourceStatus/ResourceStatus", data=form, headers=who.headers)


async def test_a_trusted_host_bans_in_the_name_of_a_user_and_the_books_say_so(client: httpx2.AsyncClient) -> None:
    answer = await call(client, TRUSTED, (DN.format("anna"), "admins"), "addOrModify", *BAN)
    assert answer.json() == {"OK": True, "Value": None}
    where = {"Name": "CE2", "VO": "cms", "Meta": {"columns": ["Status", "TokenOwner"]}}
    told = await call(client, TRUSTED, (DN.format("anna"), "admins"), "select", "ResourceStatus", where)
    assert told.json()["Value"] == [["Banned", "anna@x509"]]
    told = await call(client, TRUSTED, (DN.format("anna"), "admins"), "whoami")
    assert told.json()["Value"]["username"] == "anna@x509"


@pytest.mark.parametrize(
    ("who", "extra"),
    [
        (PLAIN, [DN.format("anna"), "admins"]),
        (TRUSTED, [DN.format("anna"), "nogroup"]),
        (TRUSTED, [DN.format("mallory"), "admins"]),
        (TRUSTED, [DN.format("anna"), False]),
        (TRUSTED, {"DN": DN.format("anna")}),
        (TRUSTED, [[[]]]),
        (TRUSTED, "admins"),
    ],
)
async def test_others_are_refused_as_dirac_refuses_them(client: httpx2.AsyncClient, who: Holder, extra: object) -> None:
    for method, arguments in (("addOrModify", BAN), ("select", ["ResourceStatus", {}]), ("ping", [])):
        assert (await call(client, who, extra, method, *arguments)).status_code == 401


async def test_a_host_by_itself_changes_nothing(client: httpx2.AsyncClient) -> None:
    for extra in (None, "hosts", ""):
        assert (await call(client, TRUSTED, extra, "addOrModify", *BAN)).json()["Errno"] == 1111


async def test_what_was_answered_is_not_told_when_the_host_is_trusted_no_more(client: httpx2.AsyncClient, grid: Grid) -> None:
    asked = ("select", "ResourceStatus", {"VO": "all", "Meta": {"columns": ["Name"]}})
    for properties, status in (("TrustedHost", 200), ("NormalUser", 401)):
        (grid.folder / "dirac.cfg").write_bytes(registry(properties))
        assert (await call(client, TRUSTED, (DN.format("anna"), "admins"), *asked)).status_code == status


@pytest.mark.parametrize("field", ["extraCredentials=%FF", "extraCredentials=%5B", "extraCredentials=a&extraCredentials=b"])
async def test_what_cannot_be_read_is_refused(client: httpx2.AsyncClient, field: str) -> None:
    headers = {**TRUSTED.headers, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/ResourceStatus/ResourceStatus", content=f"method=ping&{field}", headers=headers)
    assert answer.status_code in {400, 401}


async def test_it_cannot_be_hidden_from_who_looks_for_it(client: httpx2.AsyncClient) -> None:
    headers = {**PLAIN.headers, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post(
        "/ResourceStatus/ResourceStatus", content="method=ping&extra%43redentials=%22x%22", headers=headers
    )
    assert answer.status_code == 400
