from __future__ import annotations

import json
import os
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.asking import Asking
from gridmask.bootstrap import installation
from gridmask.collectors.cric.asking import gather
from gridmask.collectors.panda_queues import reader as panda_queues
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, Unreachable
from gridmask.domain.measurements import Probe, State
from gridmask.domain.naming import handle
from gridmask.http import Gathered, Validators
from gridmask.kinds import KINDS
from gridmask.settings import Settings
from gridmask.source import Source
from gridmask.testing import answered
from tests.clocks import Clock, at
from tests.cric import document, door, queue, site, storage
from tests.grid import catch_up, toml_policies
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gridmask.domain.evidence import Evidence
    from gridmask.http import Client
    from gridmask.inventory.publication import Publication
    from tests.integration.http.server import Server

DOCUMENTS = ("site", "ddmendpoint", "pandaqueue")


def source(url: str, **options: object) -> Source:
    return Source(name="cric", kind="cric", url=url, options=options)


# --- Asking


async def test_all_documents_of_a_preset_are_asked_for_and_kept_in_their_order(server: Server, client: Client) -> None:
    for name in DOCUMENTS:
        server.on(f"/api/atlas/{name}/query/", reply(200, name.encode()))
    told = await gather(Asking(client, source(server.url + "/", preset="atlas"), at()))
    assert isinstance(told, Gathered)
    assert told.bodies == (b"site", b"ddmendpoint", b"pandaqueue")
    assert {asked.target for asked in server.asked} == {f"/api/atlas/{name}/query/?json" for name in DOCUMENTS}


async def test_cms_has_sites(server: Server, client: Client) -> None:
    server.on("/api/cms/site/query/", reply(200, b"{}"))
    await gather(Asking(client, source(server.url, preset="cms"), at()))
    assert [asked.target for asked in server.asked] == ["/api/cms/site/query/?json"]


async def test_one_document_is_asked_for_where_it_is(server: Server, client: Client) -> None:
    server.on("/cache/queues.json", reply(200, b"{}"))
    server.on("/api/atlas/pandaqueue/query/", reply(200, b"{}"))
    await gather(Asking(client, source(f"{server.url}/cache/queues.json?state=ANY", document="pandaqueue"), at()))
    await gather(Asking(client, source(server.url, document="pandaqueue"), at()))
    await panda_queues.gather(Asking(client, Source(name="p", kind="panda-queues", url=server.url), at()))
    wanted = "/api/atlas/pandaqueue/query/?json"
    assert [asked.target for asked in server.asked] == ["/cache/queues.json?state=ANY", wanted, wanted]


async def test_documents_are_read_from_a_folder(client: Client, tmp_path: Path) -> None:
    for name in DOCUMENTS[:2]:
        (tmp_path / f"{name}.json").write_text(name)
    with pytest.raises(Unreachable, match="pandaqueue"):
        await gather(Asking(client, source(tmp_path.as_uri(), preset="atlas"), at()))
    (tmp_path / "pandaqueue.json").write_text("pandaqueue")
    told = await gather(Asking(client, source(tmp_path.as_uri(), preset="atlas"), at()))
    assert isinstance(told, Gathered)
    assert [body.decode() for body in told.bodies] == [*DOCUMENTS]


async def test_one_file_is_not_three_documents(client: Client, tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text("{}")
    with pytest.raises(InvalidConfiguration, match="give a folder"):
        await gather(Asking(client, source((tmp_path / "site.json").as_uri(), preset="atlas"), at()))


# --- Since when a document counts


async def told(client: Client, made: Source) -> list[Evidence]:
    asked = await panda_queues.gather(Asking(client, made, at()))
    return list(panda_queues.read(asked, made, TypeRegistry()).evidence)


def written(hours: float) -> str:
    return format_datetime(at(hours=hours), usegmt=True)


@pytest.mark.parametrize(
    ("cached", "modified", "since"),
    [
        (True, written(-3), at(hours=-3)),
        (False, written(-3), at()),
        (True, written(3), at()),
        (True, "yesterday", at()),
        (True, "Fri, 21 Aug 2026 10:00:00 -0000", at()),
        (True, None, at()),
    ],
)
async def test_what_is_cached_counts_since_it_was_written(
    server: Server,
    client: Client,
    cached: bool,  # noqa: FBT001
    modified: str | None,
    since: datetime,
) -> None:
    server.on("/cache/queues.json", reply(200, document(queue()), **({"Last_Modified": modified} if modified else {})))
    made = Source(name="p", kind="panda-queues", url=f"{server.url}/cache/queues.json", options={"cached": cached})
    assert [item.observed_at for item in await told(client, made)] == [since]


async def test_a_file_counts_since_it_was_written_and_is_read_again_each_time(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "pandaqueue.json"
    path.write_bytes(document(queue()))
    os.utime(path, (at(hours=-2).timestamp(),) * 2)
    for url in (path.as_uri(), tmp_path.as_uri()):
        made = Source(name="p", kind="panda-queues", url=url)
        assert [item.observed_at for item in await told(client, made)] == [at(hours=-2)]


async def test_what_still_is_as_it_was_counts_from_now(server: Server, client: Client) -> None:
    server.on("/queues.json", reply(200, document(queue()), ETag='"1"'))
    made = Source(name="p", kind="panda-queues", url=f"{server.url}/queues.json")
    asked = await panda_queues.gather(Asking(client, made, at(), known=Validators(etag='"1"')))
    assert isinstance(asked, Gathered)
    assert "if-none-match" not in server.asked[0].headers


# --- Real documents


def real(shared_data: Path, preset: str, *names: str) -> Publication:
    bodies = tuple((shared_data / "samples" / "cric" / name).read_bytes() for name in names)
    made = source("x", preset=preset)
    return KINDS["cric"].read(answered(*bodies), made, TypeRegistry())  # type: ignore[return-value] # an inventory's


def test_real_documents_of_atlas(shared_data: Path) -> None:
    found = real(shared_data, "atlas", *(f"atlas_{name}.json" for name in DOCUMENTS))
    kinds = sorted(key.type for key in found.elements)
    assert kinds == ["ComputingElement"] * 3 + ["PandaQueue"] * 3 + ["Site"] * 4 + ["StorageElement"]
    assert found.conclusive
    assert [element.key.name for element in found.elements.values() if not element.in_service] == []
    object_store = found.elements[ElementKey("Resource", "StorageElement", "OSIRIS_LOG")]  # its key is that of its site
    assert (object_store.site, object_store.hosts) == ("AGLT2", ("rgw.osris.org",))
    assert found.elements[ElementKey("Resource", "ComputingElement", "arcce01.sdcc.bnl.gov")].site == "BNL-ATLAS-OPP"


def test_a_document_of_cms(shared_data: Path) -> None:
    found = real(shared_data, "cms", "cms_site.json")
    assert {key.name: element.aliases for key, element in found.elements.items() if element.is_site} == {
        "T2_XX_Example": ("EXAMPLE-LCG2",)
    }


def test_real_states_of_queues(shared_data: Path) -> None:
    body = (shared_data / "samples" / "cric" / "atlas_pandaqueue.json").read_bytes()
    told = panda_queues.read(answered(body), Source(name="p", kind="panda-queues", url="x"), TypeRegistry())
    states = {handle(item.key.about): item.value for item in told.evidence if isinstance(item.value, State)}
    assert {name: state.value for name, state in states.items()} == {
        "ANALY_ROMANIA07_ARC_CL7": "offline",
        "ANALY_BNL_GPU_ARC": "test",
        "AGLT2_HOSPITAL": "online",
    }
    assert states["ANALY_BNL_GPU_ARC"].comment == "HC.Blacklist.set.test (last modified 2019-10-02 14:23 UTC)"


def test_a_document_of_exclusions(shared_data: Path) -> None:
    body = (shared_data / "samples" / "hammercloud" / "agis_blacklisting_row.json").read_bytes()
    told = KINDS["hammercloud"].read(answered(body), Source(name="h", kind="hammercloud", url="x"), TypeRegistry())
    (found,) = told.evidence  # type: ignore[union-attr] # a measurement's
    assert isinstance(found.value, Probe)
    assert (handle(found.key.about), found.value.result) == ("EXAMPLE_PROD", "CRITICAL")


def test_the_sample_of_exclusions_is_read(shared_data: Path) -> None:
    body = (shared_data / "samples" / "cric" / "atlas_ddmendpointstatus.json").read_bytes()
    told = KINDS["cric-status"].read(answered(body), Source(name="s", kind="cric-status", url="x"), TypeRegistry())
    found = {item.key.record: item.value.result for item in told.evidence if isinstance(item.value, Probe)}  # type: ignore[union-attr] # a measurement's
    assert found == {
        "read_wan/EXAMPLE-LCG2_DATADISK": "OK",
        "write_wan/EXAMPLE-LCG2_DATADISK": "OK",  # until the 4th of August
        "delete_wan/EXAMPLE-LCG2_DATADISK": "OK",
        "write_wan/OTHER-T2_SCRATCHDISK": "CRITICAL",
    }


# --- Into a mask

POLICY = """
[policy.panda]
type = "availability"
match.type = "PandaQueue"
arguments.states = { online = "Active", test = "Probing", brokeroff = "Banned", paused = "Banned", offline = "Banned" }
"""


async def test_the_mask_follows_what_panda_says_of_its_queues(tmp_path: Path) -> None:
    clock, folder = Clock(), tmp_path / "cric"
    folder.mkdir()
    (folder / "site.json").write_bytes(document(site()))
    (folder / "ddmendpoint.json").write_bytes(document(storage()))
    words = {"A": "online", "B": "test", "C": "offline", "D": "brokeroff", "E": "unheard-of"}

    def panda(**said: str) -> None:
        queues = [
            queue(name, door(f"ce-{name}.example.org"), status=word, comment="set by hand") for name, word in said.items()
        ]
        (folder / "pandaqueue.json").write_bytes(document(*queues))

    panda(**dict.fromkeys(words, "online"))
    sources = (
        Source(name="cric", kind="cric", url=folder.as_uri(), options={"preset": "atlas"}),
        Source(name="panda", kind="panda-queues", url=(folder / "pandaqueue.json").as_uri()),
    )
    settings = Settings(database="ephemeral", source=sources, vo={"atlas": {}}, policies=toml_policies(tmp_path, POLICY))
    async with installation(settings, clock=clock) as made:
        for one in sources:
            assert (await made.intake.collect(one)).problems == ()
        panda(**words)
        await made.intake.collect(sources[1])
        await catch_up(made)
        entries = (await made.masks.mask("atlas")).entries
        found = {key.name: entry.statuses[0][1].label for key, entry in entries.items() if key.type == "PandaQueue"}
        assert found == {"A": "Active", "B": "Probing", "C": "Banned", "D": "Banned", "E": "Active"}


EXCLUSIONS = """
[policy.ddm-writing]
type = "probe"
match = { type = "StorageElement", status_type = "WriteAccess" }
arguments.metrics = ["write_*"]
"""


async def test_what_is_excluded_from_writing_can_still_be_read_and_is_free_once_that_is_lifted(tmp_path: Path) -> None:
    clock, folder = Clock(), tmp_path / "cric"
    folder.mkdir()
    for name, records in (
        ("site", [site()]),
        ("ddmendpoint", [storage("A"), storage("B")]),
        ("pandaqueue", [queue()]),
    ):
        (folder / f"{name}.json").write_bytes(document(*records))
    excluded = folder / "ddmendpointstatus.json"

    async def said(**endpoints: str) -> dict[str, str]:
        status = {name: {"write_wan": {"status": {"value": value, "reason": "full"}}} for name, value in endpoints.items()}
        excluded.write_text(json.dumps(status))
        for one in sources:
            assert (await made.intake.collect(one)).problems == ()
        await catch_up(made)
        entries = (await made.masks.mask("atlas")).entries.items()
        stored = [(key.name, entry) for key, entry in entries if key.type == "StorageElement"]
        return {
            f"{name} {aspect}": status.label
            for name, entry in stored
            for aspect, status in entry.statuses
            if "Rem" not in aspect
        }

    sources = (
        Source(name="cric", kind="cric", url=folder.as_uri(), options={"preset": "atlas"}),
        Source(name="excluded", kind="cric-status", url=excluded.as_uri()),
    )
    settings = Settings(database="ephemeral", source=sources, vo={"atlas": {}}, policies=toml_policies(tmp_path, EXCLUSIONS))
    async with installation(settings, clock=clock) as made:
        first = await said(A="OFF", B="OFF")
        assert {row for row, status in first.items() if status == "Banned"} == {"A WriteAccess", "B WriteAccess"}
        clock.advance(minutes=10)
        second = await said(B="OFF")
        assert (second["A WriteAccess"], second["B WriteAccess"]) == ("Probing", "Banned")
