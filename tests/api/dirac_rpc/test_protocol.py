from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gridmask.api.guards import MOST_BYTES
from gridmask.dirac_rpc.door import CALLS
from gridmask.settings import DiracRpc
from tests.dirac_calls import Services

if TYPE_CHECKING:
    import httpx2

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATH = "/ResourceStatus/ResourceStatus"
RECORDED = (
    b"method=select&args=%5B%22ResourceStatus%22%2C+%7B%22Name%22%3A+%22CE1%22%2C+%22VO%22%3A+%22all%22%2C+%22Meta%22%3A+"
    b"%7B%22columns%22%3A+%5B%22Name%22%2C+%22Status%22%2C+%22VO%22%5D%7D%7D%5D&clientVO=vo&clientSetup=None"
)


@pytest.fixture
def client(untouched: Services) -> httpx2.AsyncClient:
    return untouched.client


async def test_a_recorded_request_gets_what_dirac_would_answer(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=RECORDED, headers=FORM)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == {"OK": True, "Value": [["CE1", "Banned", "all"]], "Columns": ["name", "status", "vo"]}


async def test_every_service_answers_that_it_is_there(untouched: Services) -> None:
    for service in ("ResourceStatus", "ResourceManagement", "Publisher"):
        assert await untouched.value(service, "ping") == {"name": "Gridmask"}
        assert await untouched.value(service, "echo", ["é", 1]) == ["é", 1]
    assert (await untouched.value("Publisher", "whoami"))["username"] == "local"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"args=%5B%5D", 400),
        (b"method=&args=%5B%5D", 400),
        (b"method=\xff", 400),
        (b"&".join(b"a%d=" % number for number in range(50)), 400),
        (b"method=select&args=%5B%5D&rawContent=True", 400),
        (b"method=drop&args=%5B%5D", 501),
        (b"method=__class__&args=%5B%5D", 501),
        (b"method=select&args=" + b"x" * MOST_BYTES, 413),
    ],
)
async def test_what_is_no_call_is_told_by_http(client: httpx2.AsyncClient, content: bytes, status: int) -> None:
    assert (await client.post(PATH, content=content, headers=FORM)).status_code == status


async def test_there_is_nothing_but_the_three_services(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/ResourceStatus/Other", json={})).status_code == 404
    assert (await client.get(PATH)).status_code == 405
    assert (await client.post(PATH, json={"method": "ping"})).status_code == 415


async def test_a_page_from_elsewhere_cannot_post_a_form(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=RECORDED, headers={**FORM, "Origin": "https://elsewhere.example.org"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("arguments", "number", "told"),
    [
        (("NoTable", {}), 1001, "no table 'NoTable'"),
        (("Resourcestatus", {}), 1001, "Did you mean 'ResourceStatus'"),
        (({"table": "x"}, {}), 1001, "no table"),
        (("ResourceStatus",), 22, "not called with 1 arguments"),
        (("ResourceStatus", {}, {}), 22, "not called with 3 arguments"),
        (("ResourceStatus", {"Name' OR 1=1": "x"}), 22, "no column"),
        (("ResourceStatus", []), 22, "no dictionary"),
    ],
)
async def test_what_a_method_cannot_do_is_told_with_a_number(
    untouched: Services, arguments: tuple[object, ...], number: int, told: str
) -> None:
    answer = await untouched.call("ResourceStatus", "select", *arguments)
    assert (answer["OK"], answer["Errno"]) == (False, number)
    assert told in answer["Message"]


@pytest.mark.parametrize("arguments", ["nothing", "{}", '[{"__dCls": "x", "__dMod": "os"}]', "[" * 5000])
async def test_arguments_that_cannot_be_read_are_told_and_not_executed(client: httpx2.AsyncClient, arguments: str) -> None:
    answer = await client.post(PATH, data={"method": "select", "args": arguments})
    assert (answer.status_code, answer.json()["Errno"]) == (200, 22)


class TestUnlessItIsSwitchedOn:
    @pytest.fixture
    def door(self) -> DiracRpc:
        return DiracRpc()

    async def test_the_door_is_closed(self, services: Services) -> None:
        answer = await services.client.post(PATH, content=json.dumps({}), headers={"Content-Type": "application/json"})
        assert answer.status_code == 404


WIDE = b"method=select&args=%5B%22ResourceStatus%22%2C+%7B%7D%5D"


async def test_a_long_answer_is_packed_for_whoever_takes_that(client: httpx2.AsyncClient) -> None:
    packed = [await client.post(PATH, content=WIDE, headers={**FORM, "Accept-Encoding": "gzip, deflate"}) for _ in range(2)]
    plain = [
        await client.post(PATH, content=WIDE, headers={**FORM, "Accept-Encoding": said}) for said in ("identity", "gzip;q=0")
    ]
    assert [answer.headers.get("content-encoding") for answer in (*packed, *plain)] == ["gzip", "gzip", None, None]
    assert len({answer.content for answer in (*packed, *plain)}) == 1
    assert int(packed[0].headers["content-length"]) < len(plain[0].content) == int(plain[0].headers["content-length"])
    assert {answer.headers["vary"] for answer in (*packed, *plain)} == {"Accept-Encoding"}


async def test_a_short_answer_is_not_packed(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=RECORDED, headers={**FORM, "Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


async def test_calls_are_counted_whether_or_not_their_answers_are_remembered(untouched: Services) -> None:
    counted = CALLS.labels("Publisher", "getSites")
    before = counted._value.get()
    for _ in range(3):
        await untouched.value("Publisher", "getSites")
    assert counted._value.get() - before == 3
