from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.store import evidence
from tests.api.conftest import BASE

if TYPE_CHECKING:
    from tests.grid import Grid

EVIDENCE = "/api/v1/evidence"
PROBE: dict[str, Any] = {
    "kind": "probe",
    "about": {"type": "ComputingElement", "name": "CE2"},
    "value": {"metric": "submit", "result": "CRITICAL"},
    "observed_at": "2026-08-21T16:59:00Z",
}


async def test_measurements_are_taken_in(client: httpx2.AsyncClient) -> None:
    answer = await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE]})
    assert (answer.status_code, answer.json()) == (
        200,
        {"taken": 1, "revision": None, "unheard": [], "outdated": [], "gone": 0},
    )


async def test_what_is_wrong_is_told_with_its_place(client: httpx2.AsyncClient) -> None:
    answer = await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE, {**PROBE, "kind": "x"}]})
    assert answer.status_code == 422
    assert "measurements[1]: kind: there is no 'x'" in answer.json()["detail"]


async def test_nobody_reports_in_the_name_of_a_source_that_is_read(client: httpx2.AsyncClient) -> None:
    assert (await client.post(EVIDENCE, json={"source": "feed", "measurements": [PROBE]})).status_code == 409


async def test_a_report_of_nothing_or_of_too_much_is_refused(client: httpx2.AsyncClient) -> None:
    for count in (0, 1001):
        answer = await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE] * count})
        assert answer.status_code == 422


async def test_a_report_that_nothing_hears_says_so(client: httpx2.AsyncClient) -> None:
    elsewhere = {**PROBE, "about": {"type": "ComputingElement", "name": "CE99"}, "record": "elsewhere"}
    for_cms = {**PROBE, "vo": "cms", "record": "for cms"}
    answer = await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE, elsewhere, for_cms]})
    assert answer.json()["unheard"] == ["elsewhere", "for cms"]


async def test_what_is_measured_no_more_is_gone_at_once(client: httpx2.AsyncClient) -> None:
    other = {**PROBE, "value": {"metric": "ping", "result": "OK"}}
    await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE, other]})
    gone = {"source": "script", "gone": [{"about": PROBE["about"], "record": "probe/submit"}]}
    assert [(await client.post(EVIDENCE, json=gone)).json()["gone"] for _ in range(2)] == [1, 0]
    all_about_it = {"source": "script", "gone": [{"about": PROBE["about"]}]}
    assert (await client.post(EVIDENCE, json=all_about_it)).json()["gone"] == 1


async def test_what_a_report_measures_itself_is_not_gone(client: httpx2.AsyncClient) -> None:
    both = {"source": "script", "measurements": [PROBE], "gone": [{"about": PROBE["about"]}]}
    answers = [(await client.post(EVIDENCE, json=both)).json() for _ in range(2)]
    assert [(told["taken"], told["gone"]) for told in answers] == [(1, 0), (1, 0)]


async def test_nothing_of_another_source_is_gone(client: httpx2.AsyncClient) -> None:
    await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE]})
    answer = await client.post(EVIDENCE, json={"source": "other", "gone": [{"about": PROBE["about"]}]})
    assert (answer.status_code, answer.json()["gone"]) == (200, 0)


@pytest.mark.parametrize("gone", [{}, {"about": {}}, {"about": {"name": "CE2"}}, {"about": {"host": "a"}, "records": "x"}])
async def test_what_is_wrong_with_what_is_gone_is_told(client: httpx2.AsyncClient, gone: dict[str, object]) -> None:
    answer = await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE], "gone": [gone]})
    assert (answer.status_code, "gone[0]: " in answer.json()["detail"]) == (422, True)


async def test_a_report_that_comes_late_says_so_and_changes_nothing(client: httpx2.AsyncClient) -> None:
    await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE]})
    late = {**PROBE, "value": {"metric": "submit", "result": "OK"}, "observed_at": "2026-08-21T16:00:00Z"}
    told = (await client.post(EVIDENCE, json={"source": "script", "measurements": [late]})).json()
    assert (told["taken"], told["outdated"], told["revision"]) == (0, ["probe/submit"], None)


async def test_a_vo_can_be_called_by_another_name(grid: Grid) -> None:
    async with grid.open(vo={"cms": {"aliases": ["uscms"]}}) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            body = {"source": "script", "measurements": [{**PROBE, "vo": "USCMS"}]}
            assert (await client.post(EVIDENCE, json=body)).status_code == 200
        async with made.database.reading() as connection:
            assert [item.vo for item in (await evidence.of_source(connection, "script")).values()] == ["cms"]


async def test_half_of_a_character_is_told_and_nothing_is_taken(client: httpx2.AsyncClient) -> None:
    report = b'{"source": "script", "measurements": [{"record": "\\ud83d"}]}'
    answer = await client.post(EVIDENCE, content=report, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "half of a character" in answer.json()["detail"]


async def test_a_vo_has_one_record_by_whichever_of_its_names_it_is_reported(grid: Grid) -> None:
    async with grid.open(vo={"cms": {"aliases": ["uscms"]}}) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            for vo in ("USCMS", "cms"):
                report = {"source": "script", "measurements": [{**PROBE, "vo": vo}]}
                assert (await client.post(EVIDENCE, json=report)).json()["taken"] == 1
        async with made.database.reading() as connection:
            assert [key.record for key in await evidence.of_source(connection, "script")] == ["probe/submit/cms"]
