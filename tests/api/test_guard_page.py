"""The guard's page: what is held, what people decide about it, and what became of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from tests.api.conftest import BASE
from tests.api.test_deeds import page
from tests.api.test_rights import ISSUER, SIGNER, Asking
from tests.clocks import at
from tests.forms import Form, form, send
from tests.grid import ADMIN, outage, sync, toml_policies
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

TIGHT = "[guard]\ndeclared_share = 0.4\ndeclared_number = 0\n"
PROBE = {"name": "webdav", "kind": "webdav"}


@asynccontextmanager
async def holding(grid: Grid, **more: Any) -> AsyncIterator[tuple[Installation, httpx2.AsyncClient]]:  # noqa: ANN401
    """An installation that holds a batch: CE2, DUO and PRIVATE are announced to be down, and CE1 was before."""
    async with grid.open(policies=toml_policies(grid.folder, TIGHT), **more) as made:
        await sync(made)
        announce(grid, "CE1", "CE2", "DUO", "PRIVATE")
        await sync(made, "feed")
        transport = httpx2.ASGITransport(app=create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            yield made, client


def announce(grid: Grid, *names: str, more: Iterable[str] = ()) -> None:
    grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=5)) for n, name in enumerate(names)), *more)


@pytest.fixture
async def held(grid: Grid) -> AsyncIterator[tuple[Installation, httpx2.AsyncClient]]:
    async with holding(grid, probe=[PROBE]) as made:
        yield made


Held = tuple["Installation", httpx2.AsyncClient]


async def test_what_waits_is_told_with_why_and_what_becomes_of_it_if_nobody_decides(held: Held) -> None:
    told = read(await page(held[1], "/guard"))
    assert "3 rows because of source feed Too much would be taken from all, atlas, cms." in told
    assert "If confirmed, 3 become Banned. If dropped, they stay as they are until automation asks for something else" in told
    assert "If nobody decides, they stay as they are until 2026-08-22 17:00 UTC, in 1 d. What automation still asks" in told
    assert "Why declared-downtimes of all, 1 row: In downtime 1@CE2" in told
    assert "B ComputingElement: 2 rows" in told
    assert "CE2 all Active Banned" in told


@pytest.mark.parametrize(("decision", "status", "fate"), [("confirm", "Banned", "Confirmed"), ("drop", "Active", "Dropped")])
async def test_what_is_chosen_is_decided(held: Held, decision: str, status: str, fate: str) -> None:
    _, client = held
    answer = await send(client, form(await page(client, "/guard"), "decide"), reason="Seen.", decision=decision)
    assert answer.status_code == 303
    told = read(await page(client, answer.headers["location"]))
    assert f"{fate} : 3 rows because of source feed, by local at 2026-08-21 17:00 UTC. Seen." in told
    assert "Nothing waits for a decision. Of late When What became of it Rows From Because of Decision" in told
    assert f"{fate.lower()} 3 all, atlas, cms source feed local: Seen." in told
    [row] = (await client.get("/api/v1/statuses/why", params={"name": "CE2"})).json()["statuses"]
    assert row["status"] == status


async def test_what_was_decided_by_another_is_told_and_nothing_typed_is_lost(held: Held) -> None:
    made, client = held
    sent = form(await page(client, "/guard"), "decide")
    [batch] = await made.batches.list()
    await made.batches.drop(ADMIN, batch.id, "It is a mistake.")
    answer = await send(client, sent, reason="Seen.", decision="confirm")
    told = read(answer.text)
    assert (answer.status_code, "It was not done." in told, "admin: It is a mistake." in told) == (404, True, True)
    assert ">\nSeen.</textarea>" in answer.text


async def test_what_has_grown_is_not_decided_unseen(held: Held, grid: Grid) -> None:
    made, client = held
    sent = form(await page(client, "/guard"), "decide")
    grid.clock.advance(minutes=1)
    announce(grid, "CE1", "CE2", "DUO", "PRIVATE", more=[outage("9", "SE1", at(hours=-1), at(hours=5), "WebDAV")])
    await sync(made, "feed")
    answer = await send(client, sent, reason="Seen.", decision="confirm")
    assert (answer.status_code, "has grown since you looked at it" in answer.text) == (409, True)
    again = form(answer.text, "decide")
    assert again.fields["reason"] == ["Seen."]
    assert (await send(client, again, decision="confirm")).status_code == 303


async def test_what_makes_no_sense_decides_nothing(held: Held) -> None:
    _, client = held
    nonsense: tuple[tuple[dict[str, str | list[str]], int, str], ...] = (
        ({"decision": "burn"}, 422, "confirmed or dropped"),
        ({"decision": "drop", "reason": " "}, 422, "A reason is needed"),
        ({"decision": "drop", "batch": []}, 422, "Nothing is chosen"),
        ({"decision": "drop", "batch": "nothing 3"}, 404, "no batch called"),
    )
    sent = form(await page(client, "/guard"), "decide")
    for said, code, why in nonsense:
        answer = await send(client, sent, **{"reason": "x", **said})
        assert (answer.status_code, why in answer.text) == (code, True)
        assert "3 rows because of" in read(answer.text)


async def test_a_double_click_decides_once(held: Held) -> None:
    _, client = held
    sent = form(await page(client, "/guard"), "decide")
    answers = [await send(client, sent, reason="Seen.", decision="confirm") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]


async def test_what_expired_is_told_of_for_some_days(held: Held, grid: Grid) -> None:
    _, client = held
    grid.clock.advance(days=1)
    assert "expired 3 all, atlas, cms source feed nobody decided" in read(await page(client, "/guard"))
    grid.clock.advance(days=3)
    assert "Of late" not in await page(client, "/guard")


async def test_who_operates_no_vo_of_a_batch_sees_it_and_decides_nothing(grid: Grid) -> None:
    access = {"access": {"reading": "vo"}, "issuer": [ISSUER]}
    async with SIGNER.client(grid.clock) as issuer, holding(grid, client=issuer, **access) as (_, client):
        asking = Asking(client, grid)
        pages = {
            group: await page(client, "/guard?vo=cms", **asking.bearer(group)) for group in ("/cms", "/cms/ops", "/experts")
        }
        assert ["3 rows because of" in read(text) for text in pages.values()] == [True] * 3
        assert ['name="batch"' in text for text in pages.values()] == [False, False, True]
        assert "atlas" not in read(pages["/cms/ops"])
        sent = form(pages["/experts"], "decide")
        answer = await send(client, sent, asking.bearer("/cms/ops"), reason="mine", decision="drop")
        assert (answer.status_code, "mine" in answer.text) == (403, True)
        answer = await send(client, sent, reason="mine", decision="drop")
        assert (answer.status_code, "You are not logged in any more" in answer.text) == (401, True)
        assert "rows because of" not in read(answer.text)
        assert (await send(client, sent, asking.bearer("/experts"), reason="x", decision="drop")).status_code == 303


# --- Whether failures that probes see are believed


BELIEVE = Form("/guard/probes", "", {"vo": ["all"], "say": ["believe"], "hours": ["6"], "reason": ["The provider says so."]})


async def test_who_knows_that_an_outage_is_real_says_so_and_takes_it_back(held: Held) -> None:
    made, client = held
    assert "Probes" not in read(await page(client, "/guard"))
    assert (await send(client, BELIEVE)).status_code == 303
    watch = await made.beliefs.watch()
    assert watch.belief is not None
    assert watch.belief.until - watch.belief.since == timedelta(hours=6)
    text = await page(client, "/guard")
    assert "local said at 2026-08-21 17:00 UTC that the failures are real, until 2026-08-21 23:00 UTC : The provider" in read(
        text
    )
    assert (await send(client, form(text, "probes"), say="doubt", reason="It is over.")).status_code == 303
    assert (await made.beliefs.watch()).belief is None


async def test_the_same_said_again_later_is_said_again(held: Held, grid: Grid) -> None:
    made, client = held
    for _ in range(2):
        grid.clock.advance(minutes=10)
        refused = await send(client, BELIEVE, reason="")
        await send(client, form(refused.text, "probes"), say="believe", hours="1", reason="The provider says so.")
        assert (await made.beliefs.watch()).belief is not None
        await made.beliefs.doubt(ADMIN, "over")


async def test_what_makes_no_sense_is_not_believed(held: Held) -> None:
    made, client = held
    for said in ({"hours": "1000"}, {"say": "hope"}, {"reason": ""}, {"say": "doubt", "reason": "x"}):
        answer = await send(client, BELIEVE, **said)
        assert answer.status_code in {409, 422}
        assert (await made.beliefs.watch()).belief is None
