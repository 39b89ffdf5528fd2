"""What Alertmanager is answered that tells of alerts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.domain.errors import InvalidConfiguration, StoreUnavailable
from gridmask.domain.rights import Grant, Role
from gridmask.settings import Settings
from tests.api.conftest import BASE
from tests.clocks import at
from tests.grid import ADMIN, catch_up, said, toml_policies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from gridmask.service.sources import Health
    from tests.grid import Grid

ALERTS = "/api/v1/evidence/alertmanager/am"
RECEIVER: dict[str, Any] = {"name": "am", "type": "ComputingElement", "label": "ce", "vo_label": "vo"}
PROBES = '[policy.probes]\ntype = "probe"\nmatch = { type = "ComputingElement" }\n[guard]\nenabled = false\n'


def alert(ce: str = "CE2", status: str = "firing", ended: float | None = None, **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "Down", "ce": ce, "severity": "critical", **labels},
        "annotations": {"summary": "Jobs vanish."},
        "startsAt": at(hours=-1).isoformat(),
        "endsAt": "0001-01-01T00:00:00Z" if ended is None else at(hours=ended).isoformat(),
        "fingerprint": f"{ce}-{labels}",
    }


def notification(*alerts: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"version": "4", "groupKey": "{}", "receiver": "gridmask", "alerts": [*alerts], **more}


class Teller:
    """An installation, and somebody who tells it of alerts."""

    def __init__(self, made: Installation, client: httpx2.AsyncClient) -> None:
        self.made = made
        self._client = client

    async def tells(self, *alerts: object, **more: Any) -> httpx2.Response:  # noqa: ANN401
        return await self._client.post(ALERTS, json=notification(*alerts, **more))

    async def mask(self, vo: str = "all") -> dict[str, str]:
        return said(await self.made.masks.mask(vo))


@asynccontextmanager
async def telling(grid: Grid, **more: Any) -> AsyncIterator[Teller]:  # noqa: ANN401
    policies = toml_policies(grid.folder, PROBES)
    async with grid.open(policies=policies, receiver=[RECEIVER], **more) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            yield Teller(made, client)


async def known(teller: Teller, *grants: Grant) -> None:
    """From now on, the teller shows a token with these rights."""
    _, token = await teller.made.service_tokens.issue(ADMIN, "alertmanager", [*grants], timedelta(days=1), "alerts")
    teller._client.headers["Authorization"] = f"Bearer {token}"


async def test_a_receiver_is_listed_with_what_came_last(grid: Grid) -> None:
    async with telling(grid) as teller:
        assert [(one.state, one.age) for one in await listed(teller)] == [("never", None)]
        await teller.tells(alert(), alert(vo="nobody"))
        grid.clock.advance(minutes=5)
        [one] = await listed(teller)
        assert (one.state, one.age, one.in_force, len(one.noted.problems)) == ("good", timedelta(minutes=5), 1, 1)
        grid.clock.advance(days=3)
        assert [(one.state, one.in_force) for one in await listed(teller)] == [("good", 0)]
        await teller.tells(alert(severity="info"))
        assert [(one.age, one.noted.records) for one in await listed(teller)] == [(timedelta(), 0)]


async def listed(teller: Teller) -> list[Health]:
    """How the receiver fares."""
    return [one for one in await teller.made.sources.health() if one.noted.kind == "alertmanager"]


async def test_an_alert_bans_and_its_end_gives_free(grid: Grid) -> None:
    async with telling(grid) as teller:
        before = await teller.mask()
        answer = await teller.tells(alert())
        assert answer.status_code == 200
        assert (answer.json()["taken"], answer.json()["problems"], answer.json()["unheard"]) == (1, [], [])
        assert (await teller.mask())["CE2"] == "Banned"
        await teller.tells(alert("CE2", "resolved", -0.5))
        assert (await teller.mask())["CE2"] == "Probing"
        for _ in range(3):
            grid.clock.advance(minutes=20)
            await catch_up(teller.made)
        assert await teller.mask() == before


async def test_to_be_told_again_changes_nothing_and_what_comes_late_neither(grid: Grid) -> None:
    async with telling(grid) as teller:
        assert (await teller.tells(alert())).json()["revision"] is not None
        assert (await teller.tells(alert())).json()["revision"] is None
        await teller.tells(alert("CE2", "resolved", -0.5))
        after = await teller.mask()
        assert (await teller.tells(alert())).json()["revision"] is None
        assert await teller.mask() == after


async def test_what_is_told_again_counts_for_longer(grid: Grid) -> None:
    async with telling(grid) as teller:
        for _ in range(3):
            await teller.tells(alert())
            grid.clock.advance(hours=4)
        assert (await teller.mask())["CE2"] == "Banned"


async def test_what_is_wrong_with_some_alerts_is_told_and_the_others_count(grid: Grid) -> None:
    async with telling(grid) as teller:
        answer = await teller.tells(alert(), {"status": "odd"}, alert(vo="nobody"), alert(severity="info"), alert("CE99"))
        told = answer.json()
        assert (answer.status_code, told["taken"], told["passed_over"], len(told["problems"])) == (200, 2, 1, 2)
        assert told["unheard"] == ["Down/CE99-{}"]
        assert "no VO called 'nobody'" in told["problems"][1]
        assert (await teller.mask())["CE2"] == "Banned"


async def test_what_alertmanager_left_out_is_told(grid: Grid) -> None:
    async with telling(grid) as teller:
        told = (await teller.tells(alert(), truncatedAlerts=7)).json()
        assert (told["taken"], told["problems"]) == (1, ["Alertmanager left out 7 more alerts, by its max_alerts."])


async def test_nothing_but_nonsense_is_an_error_that_is_not_tried_again(grid: Grid) -> None:
    async with telling(grid) as teller:
        answer = await teller.tells({"status": "odd"}, {})
        assert answer.status_code == 422
        assert "alerts[0]: " in answer.json()["detail"]
        assert (await teller.tells()).status_code == 200
        assert (await teller.tells(alert(), version="3")).status_code == 422


async def test_who_reports_for_a_vo_tells_of_its_alerts_alone(grid: Grid) -> None:
    async with telling(grid, access={"reading": "vo"}) as teller:
        await known(teller, Grant(Role.REPORTER, "cms"))
        told = (await teller.tells(alert(vo="CMS"), alert(vo="atlas"), alert())).json()
        assert (told["taken"], len(told["problems"])) == (1, 2)
        assert "may not report evidence for atlas" in told["problems"][0]
        assert (await teller.tells(alert(vo="atlas"))).status_code == 403


async def test_who_is_not_known_is_not_heard(grid: Grid) -> None:
    async with telling(grid, access={"reading": "vo"}) as teller:
        assert (await teller.tells(alert())).status_code == 401


async def test_who_tells_too_often_is_asked_to_try_again(grid: Grid) -> None:
    async with telling(grid, access={}, limits={"rate": 0.01, "burst": 1}) as teller:
        await known(teller, Grant(Role.REPORTER, "all"))
        assert (await teller.tells(alert())).status_code == 200
        answer = await teller.tells(alert())
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)


async def test_while_the_database_is_away_it_is_asked_to_try_again(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    async with telling(grid) as teller:

        async def away(*_: object) -> None:
            raise StoreUnavailable("gone")

        monkeypatch.setattr(type(teller.made.inspector), "happen", away)
        assert (await teller.tells(alert())).status_code == 503


async def test_a_receiver_that_there_is_not_is_told_so(client: httpx2.AsyncClient) -> None:
    assert (await client.post(ALERTS, json=notification(alert()))).status_code == 404


async def test_nobody_reports_in_the_name_of_a_receiver(grid: Grid) -> None:
    async with telling(grid) as teller:
        body = {"source": "am", "measurements": [{}]}
        assert (await teller._client.post("/api/v1/evidence", json=body)).status_code == 409


@pytest.mark.parametrize("name", ["osg", "manual", "two words"])
def test_a_receiver_has_a_name_of_its_own(grid: Grid, name: str) -> None:
    with pytest.raises((InvalidConfiguration, ValueError), match=r"declared more than once|people declare|pattern"):
        Settings.model_validate({**grid.settings().model_dump(), "receiver": [{"name": name}]})
