"""What is told of statuses, and when it becomes another."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.errors import StoreUnavailable
from gridmask.domain.status import Status
from gridmask.feeds import diracx
from gridmask.service import usability
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.store.database import Database
from tests.api.diracx_rest.conftest import ROUTES
from tests.clocks import at
from tests.grid import ADMIN

if TYPE_CHECKING:
    from tests.api.diracx_rest.conftest import Asking
    from tests.grid import Grid

ALLOWED = {"allowed": True, "warnings": None}


async def ban(asking: Asking, name: str, reason: str = "Smoke.", **more: Any) -> None:  # noqa: ANN401
    row = RowName(ElementName(name), more.pop("status_type", None), more.pop("vo", "all"))
    await asking.gridmask.statuses.set(ADMIN, [row], more.pop("status", Status.BANNED), reason, **more)


async def etags(asking: Asking, vo: str = "lhcb") -> dict[str, str]:
    return {route: (await asking.get(route, vo)).headers["ETag"] for route in ROUTES}


async def test_each_route_tells_what_the_vo_may_use(asking: Asking) -> None:
    assert await asking.told("site") == {"LCG.Here.org": {"all": ALLOWED}}
    assert await asking.told("fts") == {"fts1": {"all": ALLOWED}}
    assert await asking.told("storage") == {"se1": dict.fromkeys(("read", "write", "check", "remove"), ALLOWED)}
    usable = {"ce1": {"all": ALLOWED}, "ce2": {"all": ALLOWED}}
    assert await asking.told("compute") == {**usable, "old": {"all": {"allowed": False, "reason": "Out of service."}}}
    assert (await asking.told("compute", "cms"))["private"] == {"all": ALLOWED}


async def test_each_vo_is_told_its_own_mask(asking: Asking) -> None:
    await ban(asking, "se1", "Not for us.", vo="lhcb", status_type="WriteAccess")
    assert (await asking.told("storage"))["se1"]["write"] == {"allowed": False, "reason": "Not for us."}
    assert (await asking.told("storage"))["se1"]["read"] == ALLOWED
    assert (await asking.told("storage", "cms"))["se1"]["write"] == ALLOWED


async def test_a_binding_ban_of_all_outranks_what_a_vo_says(asking: Asking) -> None:
    await ban(asking, "ce1", "It works for us.", vo="lhcb", status=Status.ACTIVE)
    await ban(asking, "ce1", "Break-in.", binding=True)
    assert (await asking.told("compute"))["ce1"]["all"] == {"allowed": False, "reason": "Break-in."}


async def test_what_is_degraded_comes_with_a_warning(asking: Asking) -> None:
    await ban(asking, "fts1", "Slow.", status=Status.DEGRADED)
    assert await asking.told("fts") == {"fts1": {"all": {"allowed": True, "warnings": "Slow."}}}


async def test_the_validator_changes_if_and_only_if_the_answer_does(asking: Asking) -> None:
    first = await etags(asking)
    await ban(asking, "ce1", vo="cms")
    assert await etags(asking) == first
    await ban(asking, "ce1")
    after = await etags(asking)
    assert {route for route in ROUTES if after[route] != first[route]} == {"compute"}
    await ban(asking, "ce1", status=Status.ACTIVE)
    assert await etags(asking) == first


async def test_another_reason_for_the_same_status_is_news(asking: Asking) -> None:
    until = Wanted(until=at(days=1))
    await ban(asking, "ce1", "Smoke.", wanted=until)
    before = await asking.get("compute")
    revision = asking.gridmask.board.revision
    await ban(asking, "ce1", "Fire.", wanted=until)
    after = await asking.get("compute", If_None_Match=before.headers["ETag"])
    assert (after.status_code, after.json()["ce1"]["all"]["reason"]) == (200, "Fire.")
    assert asking.gridmask.board.revision == revision, "it would be news by its revision alone"


async def test_changes_within_one_second_are_all_told(asking: Asking) -> None:
    seen = set()
    for number in range(5):
        await ban(asking, "ce1", f"Reason {number}.")
        answer = await asking.get("compute")
        assert answer.json()["ce1"]["all"]["reason"] == f"Reason {number}."
        seen.add(answer.headers["ETag"])
    assert len(seen) == 5


async def test_two_processes_name_the_same_bytes_alike(asking: Asking) -> None:
    await ban(asking, "ce1")
    other = usability.Usability(asking.gridmask.database, asking.gridmask.board, asking.gridmask.clock)
    assert (await other.serve("lhcb", "compute")).etag == (await asking.get("compute")).headers["ETag"]


async def test_what_does_not_change_is_encoded_once_for_everybody(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*given: Any) -> bytes:  # noqa: ANN401
        calls.append(given)
        return diracx.encode(*given)

    monkeypatch.setattr(usability, "encode", counted)
    answers = await asyncio.gather(*(asking.get("compute") for _ in range(20)))
    assert (len({answer.content for answer in answers}), len(calls)) == (1, 1)


async def test_what_was_told_once_is_told_again_without_the_database(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await etags(asking)

    def touched(_: Database) -> None:
        raise AssertionError("The database was asked.")

    monkeypatch.setattr(Database, "reading", touched)
    assert await etags(asking) == before


async def test_what_others_became_makes_nothing_newer(asking: Asking, grid: Grid) -> None:
    await asking.get("site")
    grid.clock.advance(hours=1)
    told = (await asking.get("site")).headers["Last-Modified"]
    await ban(asking, "ce1")
    assert (await asking.get("site")).headers["Last-Modified"] == told
    assert (await asking.get("site", If_Modified_Since=told)).status_code == 304


async def test_while_the_database_is_away_the_last_answers_are_told(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    await ban(asking, "ce1")
    before = await etags(asking)

    def away(_: Database) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(Database, "reading", away)
    asking.gridmask.board.notice()
    assert await etags(asking) == before


async def test_long_answers_are_packed_for_who_takes_that(asking: Asking) -> None:
    plain = await asking.get("compute", Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers, "it is too short for that"
    await ban(asking, "ce1", "Smoke. " * 1000)
    plain, packed = await asking.get("compute"), await asking.get("compute", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert (packed.json(), packed.headers["ETag"] != plain.headers["ETag"]) == (plain.json(), True)
    assert int(packed.headers["Content-Length"]) < len(gzip.compress(plain.content)) + 50
    assert packed.headers["ETag"].endswith("-lhcb")
