"""Probes, and whether they are believed, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clocks import at

if TYPE_CHECKING:
    import httpx2

PROBES = "/api/v1/probes"
SAID = {"until": at(hours=2).isoformat(), "reason": "The backbone is cut."}


async def test_that_failures_are_real_is_said_shown_and_taken_back(client: httpx2.AsyncClient) -> None:
    said = await client.post(f"{PROBES}/believe", json=SAID)
    assert (said.status_code, said.json()["reason"]) == (200, SAID["reason"])
    shown = (await client.get(PROBES)).json()
    assert (shown["probes"], shown["made_by"], shown["belief"]) == ([], None, said.json())
    assert (await client.post(f"{PROBES}/doubt", json={"reason": "It is mended."})).status_code == 200
    assert (await client.get(PROBES)).json()["belief"] is None
    again = await client.post(f"{PROBES}/doubt", json={"reason": "It is mended."})
    assert (again.status_code, "doubted already" in again.json()["detail"]) == (409, True)


async def test_it_needs_an_end_and_a_reason(client: httpx2.AsyncClient) -> None:
    for wrong in ({"until": at(days=8).isoformat()}, {"until": at(hours=-1).isoformat()}, {"reason": " "}, {"until": None}):
        assert (await client.post(f"{PROBES}/believe", json=SAID | wrong)).status_code == 422
