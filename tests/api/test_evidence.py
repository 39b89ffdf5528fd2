from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

EVIDENCE = "/api/v1/evidence"
PROBE = {
    "kind": "probe",
    "about": {"type": "ComputingElement", "name": "CE2"},
    "value": {"metric": "submit", "result": "CRITICAL"},
    "observed_at": "2026-08-21T16:59:00Z",
}


async def test_measurements_are_taken_in(client: httpx2.AsyncClient) -> None:
    answer = await client.post(EVIDENCE, json={"source": "script", "measurements": [PROBE]})
    assert (answer.status_code, answer.json()) == (200, {"taken": 1, "revision": None, "unheard": []})


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
