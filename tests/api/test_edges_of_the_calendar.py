"""Calendars end: what lies at their edges is told, or refused, and no page breaks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2

LAST = "9999-12-31T23:59:59.999999Z"
BEYOND = ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00")
CE2 = [{"name": "CE2"}]
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("/api/v1/tokens", {"rows": CE2, "reason": "mine"}),
    ("/api/v1/downtimes", {"elements": CE2, "description": "for good"}),
]
PAGES = ("/vos/all", "/elements/Resource/ComputingElement/CE2", "/downtimes", "/downtimes?from=2999-12-31&span=month")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
async def test_what_lasts_until_the_end_of_the_calendar_is_told_in_any_zone(client: httpx2.AsyncClient, zone: str) -> None:
    for (path, body), end in zip(ASKED, ("until", "end"), strict=True):
        assert (await client.post(path, json={**body, end: LAST})).status_code in {200, 201}
    for page in PAGES:
        answer = await client.get(page, headers={"Cookie": f"gridmask-zone={zone}"})
        assert answer.status_code == 200, page


@pytest.mark.parametrize("moment", BEYOND)
async def test_a_moment_that_no_calendar_has_in_utc_is_refused(client: httpx2.AsyncClient, moment: str) -> None:
    for path, field in (("/masks/cms", "at"), ("/timelines/cms", "from"), ("/audit", "since"), ("/tokens", "before")):
        answer = await client.get(f"/api/v1{path}", params={field: moment})
        assert (answer.status_code, "date value out of range" in answer.text) == (422, True), path
    for (path, body), end in zip(ASKED, ("until", "end"), strict=True):
        assert (await client.post(path, json={**body, end: moment})).status_code == 422, path
