"""Reading DIRAC's live Configuration service, by a service that says what DIRAC's own does, over HTTPS on loopback."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.asking import Asking
from gridmask.bootstrap import installation
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import (
    BadStatus,
    FetchFailed,
    InvalidConfiguration,
    MalformedAnswer,
    SourceError,
    TooLarge,
    Unreachable,
)
from gridmask.http import ANYBODY, Access, Backoff, Client, Gathered, Limits, Network, NotModified, Validators
from gridmask.inventory.dirac import service
from gridmask.inventory.publication import Publication
from gridmask.kinds import KINDS
from gridmask.settings import Settings
from gridmask.source import Source
from tests import dirac
from tests.grid import ADMIN
from tests.integration.http.server import reply, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.http.server import Server
    from tests.pki import Pki

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
BODY = dirac.resources(Sites=dirac.sites(("LCG.A.us", {"CEs": {"ce.example.org": dirac.ce("AREX", "q", VO="cms")}})))
VERSION = "2026-01-01 00:00:00.000000"


@pytest.fixture
async def server(pki: Pki) -> AsyncIterator[Server]:
    async with running(pki.server(wants_client=True)) as server:
        yield server


@pytest.fixture
def cs(server: Server) -> dirac.ConfigurationService:
    return dirac.ConfigurationService(server, BODY, VERSION)


@pytest.fixture
async def client(pki: Pki) -> AsyncIterator[Client]:
    limits = Limits(timeout=5, deadline=10, max_bytes=100_000)
    network = Network(ca_bundle=pki.hashed)
    async with Client(lambda: NOW, limits, backoff=Backoff(0, 0, 0), network=network) as client:
        yield client


@pytest.fixture
def access(pki: Pki) -> Access:
    return Access(pki.certificate("client"), pki.key("client"))


async def gathered(client: Client, server: Server, access: Access, known: str | None = None) -> Gathered | NotModified:
    return await service.gather(client, server.url, access, Validators(etag=known) if known else None)


# --- What the service says


async def test_who_has_nothing_gets_the_whole_configuration(
    cs: dirac.ConfigurationService, client: Client, access: Access
) -> None:
    told = await gathered(client, cs.server, access)
    assert isinstance(told, Gathered)
    assert (told.bodies, told.provenance.validators, told.provenance.size) == ((BODY,), Validators(etag=VERSION), len(BODY))
    assert cs.forms == [
        {"method": "getCompressedDataIfNewer", "args": '["0"]', "clientVO": "", "clientSetup": "None"},
    ]


async def test_who_has_the_newest_version_is_told_so(cs: dirac.ConfigurationService, client: Client, access: Access) -> None:
    told = await gathered(client, cs.server, access, VERSION)
    assert isinstance(told, NotModified)
    assert (told.validators, told.fetched_at) == (Validators(etag=VERSION), NOW)
    assert [form["args"] for form in cs.forms] == [json.dumps([VERSION])]


async def test_a_newer_version_is_told(cs: dirac.ConfigurationService, client: Client, access: Access) -> None:
    cs.version = "2026-02-01 00:00:00.000000"
    told = await gathered(client, cs.server, access, VERSION)
    assert isinstance(told, Gathered)
    assert told.provenance.validators.etag == cs.version


async def test_a_service_that_went_back_to_an_older_version_is_read_again(
    cs: dirac.ConfigurationService, client: Client, access: Access
) -> None:
    told = await gathered(client, cs.server, access, "2026-03-01 00:00:00.000000")
    assert isinstance(told, Gathered)
    assert (told.bodies, told.provenance.validators.etag, len(cs.forms)) == ((BODY,), VERSION, 2)


# --- Who asks


async def test_without_a_certificate_nothing_is_told(cs: dirac.ConfigurationService, client: Client) -> None:
    with pytest.raises(Unreachable):
        await gathered(client, cs.server, ANYBODY)
    assert cs.forms == []


async def test_a_host_says_that_it_is_one_where_a_person_is_not_let_in(
    cs: dirac.ConfigurationService, client: Client, access: Access
) -> None:
    (react,) = cs.server.reactions["/Configuration/Server"]
    cs.server.on("/Configuration/Server", reply(401), react)
    assert isinstance(await gathered(client, cs.server, access), Gathered)
    assert [form.get("extraCredentials") for form in cs.forms] == ['"hosts"']


async def test_who_is_not_let_in_either_way_is_told_so(server: Server, client: Client, access: Access) -> None:
    server.on("/Configuration/Server", reply(401))
    with pytest.raises(BadStatus, match="401"):
        await gathered(client, server, access)
    assert len(server.asked) == 2


# --- What is wrong with what it says


@pytest.mark.parametrize(
    ("answer", "error", "problem"),
    [
        ({"OK": False, "Errno": 1001, "Message": "Not\nnow"}, FetchFailed, r"DIRAC refuses to tell: Not now \(Errno 1001\)"),
        ({"OK": True, "Value": {"newestVersion": "0"}}, MalformedAnswer, "no configuration to give"),
        ({"OK": True, "Value": {"newestVersion": "1"}}, MalformedAnswer, "no configuration to give"),
        ({"OK": True, "Value": None}, MalformedAnswer, "does not tell a version"),
        ({"OK": True, "Value": {"newestVersion": 1}}, MalformedAnswer, "does not tell a version"),
        ({"OK": True, "Value": {"newestVersion": "1\r\nX: y"}}, MalformedAnswer, "does not tell a version"),
        ({"OK": True, "Value": {"newestVersion": "1", "data": {}}}, MalformedAnswer, "and a text"),
        ({"__dCls": "os", "obj": {"OK": True}}, MalformedAnswer, "does not say whether it is OK"),
        ({"OK": {"__dCls": "dt", "obj": "x"}}, MalformedAnswer, "does not say whether it is OK"),
        ([], MalformedAnswer, "does not say whether it is OK"),
        (dirac.packed(b"not packed"), MalformedAnswer, "not packed as it should be"),
        (dirac.packed(zlib.compress(BODY)[:-5]), MalformedAnswer, "ends early"),
        (dirac.packed(zlib.compress(bytes(50_000_000))), TooLarge, "more than the 100,000 bytes"),
        ({"OK": True, "Value": {"newestVersion": "2", "data": "*"}}, MalformedAnswer, "not packed as it should be"),
        ({"OK": True, "Value": {"newestVersion": "2", "data": "é"}}, MalformedAnswer, "not packed as it should be"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    server: Server, client: Client, access: Access, answer: object, error: type[SourceError], problem: str
) -> None:
    server.on("/Configuration/Server", dirac.said(answer))
    with pytest.raises(error, match=problem):
        await gathered(client, server, access)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 90_000])
async def test_what_is_no_json_is_refused(server: Server, client: Client, access: Access, body: bytes) -> None:
    server.on("/Configuration/Server", reply(200, body))
    with pytest.raises(MalformedAnswer, match="is this the address of a Configuration service"):
        await gathered(client, server, access)


# --- Addresses


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://cs.example.org:9135", "https://cs.example.org:9135/Configuration/Server"),
        ("https://cs.example.org:9135/", "https://cs.example.org:9135/Configuration/Server"),
        ("https://cs.example.org/dirac/Configuration/Server", "https://cs.example.org/dirac/Configuration/Server"),
    ],
)
def test_the_host_is_enough_of_an_address(url: str, address: str) -> None:
    assert service.address(url) == address


def test_the_older_protocol_is_not_spoken() -> None:
    with pytest.raises(InvalidConfiguration, match="give the https address"):
        service.address("dips://cs.example.org:9135/Configuration/Server")


# --- As a kind of source


async def test_the_kind_takes_its_access_from_the_source(cs: dirac.ConfigurationService, client: Client, pki: Pki) -> None:
    source = Source(name="cs", kind="dirac-cs", url=cs.server.url, certificate=pki.both("client"))
    kind = KINDS[source.kind]
    told = await kind.gather(Asking(client, source, NOW))
    assert isinstance(told, Gathered)
    published = kind.read(told, source, TypeRegistry())
    assert isinstance(published, Publication)
    assert sorted(key.name for key in published.elements) == ["LCG.A.us", "ce.example.org", "q@ce.example.org"]


async def test_the_loop_takes_in_a_newer_configuration_and_is_not_sent_an_old_one_again(
    cs: dirac.ConfigurationService, client: Client, pki: Pki
) -> None:
    source = Source(name="cs", kind="dirac-cs", url=cs.server.url, certificate=pki.both("client"))
    settings = Settings(database="ephemeral", source=(source,))
    async with installation(settings, client=client) as running:
        (added,) = [report async for report in running.sources.sync(ADMIN)]
        (nothing_new,) = [report async for report in running.sources.sync(ADMIN)]
        cs.version, cs.body = "2026-02-01 00:00:00.000000", BODY.replace(b"VO = cms", b"VO = atlas")
        (edited,) = [report async for report in running.sources.sync(ADMIN)]
    assert (added.failure, added.added, nothing_new.unchanged, edited.edited) == (None, 3, True, 2)
    assert [json.loads(form["args"])[0] for form in cs.forms] == ["0", VERSION, VERSION]
