"""What people do in the portal: they act, look first, are told who was faster, and take it back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from tests.api.conftest import BASE
from tests.api.test_rights import guarded
from tests.clocks import NOW, at
from tests.forms import OURS, Form, form, forms, send
from tests.grid import ADMIN, CMS, outage, sync
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CE1 = "/elements/Resource/ComputingElement/CE1?vo=cms"
SE1 = "/elements/Resource/WebDAV/SE1?vo=cms"
ZURICH = {"Cookie": "gridmask-zone=Europe%2FZurich"}


async def page(client: httpx2.AsyncClient, path: str, **headers: str) -> str:
    return (await client.get(path, headers={"Accept": "text/html", **headers})).text


async def shown(client: httpx2.AsyncClient, path: str = CE1, deed: str = "set", **headers: str) -> Form:
    return form(await page(client, path, **headers), f"deed-{deed}")


async def status(client: httpx2.AsyncClient, name: str = "CE1", vo: str = "cms") -> dict[str, Any]:
    said: dict[str, Any] = (await client.get("/api/v1/statuses", params={"name": name, "vo": vo})).json()["statuses"][0]
    return said


async def done(client: httpx2.AsyncClient, answer: httpx2.Response) -> str:
    """The page to which somebody comes who did something."""
    assert answer.status_code == 303, read(answer.text)
    return await page(client, answer.headers["location"])


# --- Acting


async def test_what_is_banned_is_put_back_at_once(client: httpx2.AsyncClient) -> None:
    sent = await shown(client)
    assert sent.fields["status"] == ["Active"]
    told = read(await done(client, await send(client, sent, reason="It is back.")))
    assert "Set Active : 1 row changed, in revision 3. By local at 2026-08-21 17:00 UTC. It is back. Undo" in told
    assert (await status(client))["status"] == "Active"


async def test_until_tomorrow_noon_is_noon_where_the_reader_is(client: httpx2.AsyncClient) -> None:
    text = await page(client, CE1, **ZURICH)
    noon = "2026-08-22T10:00:00+00:00"
    assert f'value="{noon}"' in text
    await send(client, form(text, "deed-set"), until=noon, reason="x")
    assert (await status(client))["token"]["until"] == "2026-08-22T10:00:00Z"


async def test_a_time_that_is_typed_is_meant_in_the_hours_of_the_page(client: httpx2.AsyncClient) -> None:
    sent = await shown(client, **ZURICH)
    answer = await send(client, sent, until="custom", custom="2026-08-23T08:30", reason="x")
    assert "until 2026-08-23 08:30 (06:30 UTC)" in read(await page(client, answer.headers["location"], **ZURICH))


async def test_of_an_hour_that_comes_twice_it_is_asked_which_is_meant_and_nothing_typed_is_lost(
    client: httpx2.AsyncClient,
) -> None:
    sent = await shown(client, **ZURICH)
    answer = await send(client, sent, ZURICH, until="custom", custom="2026-10-25T02:30", reason="Winter <comes>")
    assert (answer.status_code, "at 00:30 UTC and again at 01:30 UTC" in answer.text) == (422, True)
    again = form(answer.text, "deed-set")
    assert (again.fields["custom"], again.fields["reason"]) == (["2026-10-25T02:30"], ["Winter <comes>"])
    await send(client, again, which="second")
    assert (await status(client))["token"]["until"] == "2026-10-25T01:30:00Z"


async def test_of_several_status_types_those_that_are_ill_are_chosen(client: httpx2.AsyncClient) -> None:
    row = {"name": "SE1", "status_type": "WriteAccess", "vo": "cms"}
    await client.post("/api/v1/statuses", json={"rows": [row], "status": "Banned", "reason": "full"})
    assert (await shown(client, SE1)).fields["row"] == ["Resource/WebDAV/SE1/WriteAccess"]


@pytest.mark.parametrize(
    ("deed", "said", "reads"),
    [
        ("take", {"reason": "mine", "until": "lasting"}, "Token taken : 1 row changed"),
        ("automation", {"reason": "careful", "mode": "observe-only"}, "Automation set to observe-only"),
        ("downtime", {"reason": "smoke", "end": "2026-08-22T12:00"}, "Downtime declared"),
    ],
)
async def test_what_can_be_done_can_be_undone(client: httpx2.AsyncClient, deed: str, said: dict[str, str], reads: str) -> None:
    path = CE1.replace("CE1", "CE2")
    before = await status(client, "CE2")
    text = await done(client, await send(client, await shown(client, path, deed), **said))
    assert reads in read(text)
    undo = next(one for one in forms(text) if one.action.startswith("/deeds/") and not one.name)
    answer = await send(client, undo)
    assert answer.status_code == 303, read(answer.text)
    after = await status(client, "CE2")
    assert [after[name] for name in ("status", "token")] == [before[name] for name in ("status", "token")]
    assert (await client.get("/api/v1/automation")).json()["rulings"] == []


async def test_a_token_is_extended_and_given_back_by_who_has_it(client: httpx2.AsyncClient) -> None:
    await done(client, await send(client, await shown(client), reason="It is back.", until="1h"))
    await done(client, await send(client, await shown(client, deed="extend"), until="2026-08-22T17:00:00+00:00"))
    assert (await status(client))["token"]["until"] == "2026-08-22T17:00:00Z"
    await done(client, await send(client, await shown(client, deed="release")))
    said = await status(client)
    assert (said["status"], said["token"]) == ("Banned", None)


async def test_a_downtime_that_was_declared_here_is_cancelled(client: httpx2.AsyncClient) -> None:
    path = CE1.replace("CE1", "CE2")
    text = await done(client, await send(client, await shown(client, path, "downtime"), reason="smoke"))
    assert (await status(client, "CE2"))["status"] == "Banned"
    sent = next(one for one in forms(text) if one.name.startswith("deed-cancel-"))
    assert "Downtime cancelled" in await done(client, await send(client, sent, reason="false alarm"))
    assert (await status(client, "CE2"))["status"] == "Active"


# --- Looking first


async def test_a_preview_tells_what_it_would_lead_to_and_does_nothing(client: httpx2.AsyncClient) -> None:
    answer = await send(client, await shown(client), step="preview", until="1h")
    told = read(answer.text)
    assert "1 row would be other CE1 ComputingElement, for cms Banned → to Active automation would make it Banned" in told
    assert "They would be in the hands of local until 2026-08-21 18:00 UTC. Automation asks for something else" in told
    assert (await status(client))["status"] == "Banned"


async def test_what_is_previewed_is_done_from_there(client: httpx2.AsyncClient) -> None:
    answer = await send(client, await shown(client), step="preview", reason="It is back.")
    await done(client, await send(client, form(answer.text, "deed-set")))
    assert (await status(client))["reasons"][0]["text"] == "It is back."


async def test_a_downtime_to_come_is_previewed_as_it_will_be(client: httpx2.AsyncClient) -> None:
    sent = await shown(client, CE1.replace("CE1", "CE2"), "downtime")
    answer = await send(client, sent, step="preview", start="2026-08-25T12:00", end="2026-08-25T18:00")
    assert "CE2 ComputingElement, for cms Active → to Banned" in read(answer.text)


async def test_of_what_somebody_holds_a_preview_tells_that_it_stays(client: httpx2.AsyncClient) -> None:
    path = CE1.replace("CE1", "CE2")
    await done(client, await send(client, await shown(client, path, "take"), reason="mine"))
    told = read((await send(client, await shown(client, path, "downtime"), step="preview")).text)
    assert "No row would be other than it is 1 row stays as it is, since somebody holds it: automation would ask" in told


async def test_what_affects_more_than_is_seen_is_previewed_before_it_is_done(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    await gridmask.tokens.take(CMS, [RowName(ElementName("CE2"), vo="cms")], "mine")
    sent = await shown(client, "/elements/Resource/ComputingElement/CE2?vo=all")
    assert sent.fields["aware"] == ["atlas"]
    answer = await send(client, sent, status="Banned", reason="a hole", binding="yes", until="lasting")
    assert (answer.status_code, "It also changes what atlas, cms may use" in read(answer.text)) == (200, True)
    await done(client, await send(client, form(answer.text, "deed-set")))
    assert (await status(client, "CE2", "cms"))["row"] == "all"


async def test_a_site_is_down_with_everything_that_is_there_once_that_was_seen(client: httpx2.AsyncClient) -> None:
    sent = await shown(client, "/elements/Site/Site/A?vo=cms", "downtime")
    answer = await send(client, sent, reason="power", whole="yes")
    assert "of them are of other elements than those that you chose" in read(answer.text)
    await done(client, await send(client, form(answer.text, "deed-downtime")))
    assert (await status(client, "CE2"))["status"] == "Banned"


async def test_several_rows_of_a_matrix_are_looked_at_and_then_set(client: httpx2.AsyncClient) -> None:
    rows = ["Resource/ComputingElement/CE2/all", "Resource/ComputingElement/DUO/all", "Resource/FTS/DUO/all"]
    chosen = Form("/deeds/set", "", {"vo": ["cms"], "row": rows, "seen": ["1"]})
    answer = await send(client, chosen, {"Referer": f"{BASE}/vos/cms/matrix?q=x"}, step="preview")
    assert (answer.status_code, "3 rows, for cms" in read(answer.text)) == (200, True)
    answer = await send(client, form(answer.text, "deed-set"), step="preview", status="Banned")
    assert "3 rows would be other 1 of cms at A, 2 of cms at B. CE2 ComputingElement, for cms Active → to" in read(answer.text)
    told = await done(client, await send(client, form(answer.text, "deed-set"), reason="power"))
    assert "Set Banned : 3 rows changed" in read(told)
    assert 'href="/vos/cms/matrix?q=x"' in told
    assert (await send(client, form(told, "/deeds/undo"))).status_code == 303
    assert (await status(client, "CE2"))["status"] == "Active"


async def test_rows_that_nobody_saw_are_shown_before_anything_is_done_to_them(client: httpx2.AsyncClient) -> None:
    chosen = Form("/deeds/take", "", {"vo": ["cms"], "row": ["Resource/ComputingElement/CE2/all"], "reason": ["x"]})
    assert (await send(client, chosen, step="do")).status_code == 200
    assert (await status(client, "CE2"))["token"] is None


# --- Two at once


async def test_who_comes_second_is_told_who_was_faster_and_loses_nothing_that_they_typed(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    sent = await shown(client)
    await gridmask.statuses.set(Actor.operator("ada", "cms"), [RowName(ElementName("CE1"), vo="cms")], Status.PROBING, "a try")
    answer = await send(client, sent, reason="It is back.\nReally.", status="Active", until="1h")
    told = read(answer.text)
    assert (answer.status_code, "somebody was faster" in told) == (409, True)
    assert "CE1 : Banned to Probing, by ada at 2026-08-21 17:00 UTC, revision 3 ; held by ada. a try" in told.replace(";", " ;")
    again = form(answer.text, "deed-set")
    assert again.fields["reason"] == ["It is back.\nReally."]
    assert (again.fields["status"], again.fields["until"], again.fields["seen"]) == (["Active"], ["1h"], ["3"])
    assert (await status(client))["status"] == "Probing"
    await done(client, await send(client, again))
    assert (await status(client))["status"] == "Active"


async def test_of_two_at_the_same_moment_one_is_told(client: httpx2.AsyncClient) -> None:
    sent = await shown(client)
    answers = await asyncio.gather(*(send(client, sent, reason=reason) for reason in ("one", "other")))
    assert sorted(answer.status_code for answer in answers) == [303, 409]


async def test_a_double_click_does_it_once(client: httpx2.AsyncClient) -> None:
    sent = await shown(client)
    answers = await asyncio.gather(*(send(client, sent, reason="It is back.") for _ in range(3)))
    answers.append(await send(client, sent, reason="It is back."))
    assert len({answer.headers["location"] for answer in answers}) == 1
    entries = (await client.get("/api/v1/audit", params={"action": "set Active"})).json()["entries"]
    assert len(entries) == 1


async def test_what_changed_nothing_can_be_decided_again_later(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    path = CE1.replace("CE1", "CE2")
    for mode in ("observe-only", "full", "observe-only"):
        await done(client, await send(client, await shown(client, path, "automation"), mode=mode, reason="x"))
    [ruled] = await gridmask.automation.list()
    assert ruled.ruling.mode is Mode.OBSERVE_ONLY


# --- Taking back


async def test_what_somebody_held_is_theirs_again_when_it_is_undone(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    rows = [RowName(ElementName("CE1"), vo="cms")]
    await gridmask.statuses.set(CMS, rows, Status.DEGRADED, "slow", wanted=Wanted(until=at(hours=5)))
    text = await done(client, await send(client, await shown(client), status="Banned", reason="no"))
    await send(client, form(text, "/deeds/undo"))
    said = await status(client)
    assert (said["status"], said["token"]["owner"]) == ("Degraded", "shifter")
    assert said["token"]["until"] == "2026-08-21T22:00:00Z"


async def test_what_was_changed_since_is_not_undone(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    text = await done(client, await send(client, await shown(client), reason="It is back."))
    where = (await client.get("/api/v1/audit", params={"action": "set Active"})).json()["entries"][0]["request"]
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("CE1"), vo="cms")], Status.ERROR, "broken")
    answer = await send(client, form(text, "/deeds/undo"))
    assert (answer.status_code, "It cannot be undone any more" in answer.text) == (409, True)
    assert "It cannot be undone any more: something has changed since" in await page(client, f"{CE1}&done={where}")
    assert (await status(client))["status"] == "Error"


async def test_what_is_undone_goes_into_the_books_as_that(client: httpx2.AsyncClient) -> None:
    text = await done(client, await send(client, await shown(client), reason="It is back."))
    await send(client, form(text, "/deeds/undo"))
    [entry] = (await client.get("/api/v1/audit", params={"action": "undone"})).json()["entries"]
    assert entry["comment"] == "Undo of revision 3: set Active: It is back."
    assert (await status(client))["status"] == "Banned"


async def test_what_nobody_did_is_not_undone(client: httpx2.AsyncClient) -> None:
    for revision, code in (("99", 404), ("1", 422), ("x", 422), ("", 422), ("9" * 30, 422)):
        answer = await send(client, Form("/deeds/undo", "", {"vo": ["cms"], "revision": [revision]}))
        assert (revision, answer.status_code) == (revision, code)


# --- What cannot be


NONSENSE: tuple[tuple[str, dict[str, str | list[str]], int, str], ...] = (
    ("set", {"reason": " "}, 422, "A reason is needed"),
    ("set", {"status": "Burnt"}, 404, "There is no status called"),
    ("set", {"status": []}, 422, "Say what they are to be"),
    ("set", {"row": []}, 422, "Nothing is chosen"),
    ("set", {"row": "x"}, 422, "names no row"),
    ("set", {"row": "Resource/ComputingElement/CE9/all"}, 404, "There is no ComputingElement called"),
    ("set", {"vo": "cmss"}, 404, "Did you mean"),
    ("set", {"until": "2026-08-20T12:00:00+00:00"}, 422, "is over already"),
    ("set", {"binding": "yes"}, 422, "Only a row of"),
    ("set", {"reason": "x" * 4001}, 422, "4,000 characters"),
    ("automation", {"mode": "asleep"}, 404, "There is no mode called"),
    ("downtime", {"severity": "MELTDOWN"}, 422, "is no severity"),
    ("downtime", {"start": "2026-08-25T12:00", "end": "2026-08-24T12:00"}, 422, "ends before it begins"),
    ("set", {"until": "custom", "custom": "9999-12-31T23:59"}, 303, ""),
)


async def test_what_cannot_be_is_told_with_all_that_was_typed(client: httpx2.AsyncClient) -> None:
    for deed, said, code, why in NONSENSE:
        typed: dict[str, str | list[str]] = {"reason": "long and thought over", **said}
        answer = await send(client, await shown(client, deed=deed), **typed)
        assert (answer.status_code, why in read(answer.text)) == (code, True), (said, read(answer.text))
        if code != 303:
            assert form(answer.text, f"deed-{deed}").fields["reason"] == [typed["reason"]]


async def test_a_form_from_elsewhere_does_nothing(client: httpx2.AsyncClient) -> None:
    sent = await shown(client)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example.org"}):
        answer = await client.post(sent.action, data=sent.filled(reason="x"), headers=headers)
        assert answer.status_code == 403
    assert (await client.post("/deeds/set", json={}, headers=OURS)).status_code == 415


async def test_hostile_words_are_shown_as_words(client: httpx2.AsyncClient) -> None:
    hostile = '</textarea><script>alert(1)</script>"&'
    answer = await send(client, await shown(client), status="Burnt", reason=hostile, back='/x"onclick="y')
    assert "<script>alert" not in answer.text
    assert form(answer.text, "deed-set").fields["reason"] == [hostile]


# --- Who may


async def test_who_may_not_act_sees_no_control_and_is_refused(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        client, form_of = asking.client, {}
        for group, acts in (("/cms", False), ("/cms/ops", True)):
            text = await page(client, CE1, **asking.bearer(group))
            form_of[group] = [one for one in forms(text) if one.action.startswith("/deeds/")]
            assert bool(form_of[group]) == acts
        sent = form_of["/cms/ops"][0]
        answer = await send(client, sent, asking.bearer("/cms"), reason="mine is lost?")
        assert (answer.status_code, "needs an operator of cms" in answer.text) == (403, True)
        assert form(answer.text, "deed-set").fields["reason"] == ["mine is lost?"]
        assert (await send(client, sent, asking.bearer("/cms/ops"), reason="x")).status_code == 303


async def test_of_other_vos_an_operator_learns_nothing_and_changes_nothing(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        own = asking.bearer("/cms/ops")
        sent = await shown(asking.client, CE1, **own)
        for vo in ("atlas", "atlass", "all"):
            answer = await send(asking.client, sent, own, reason="x", vo=vo)
            assert answer.status_code == 403
            assert "Did you mean" not in answer.text
            assert "Banned" not in read(answer.text).partition("Make it")[0]
            past = await asking.client.get("/deeds/done", params={"done": "1", "vo": vo}, headers=own)
            assert (past.status_code, "Did you mean" in past.text) == (404, False)


async def test_who_was_logged_out_meanwhile_is_told_before_anything_is_lost(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        sent = await shown(asking.client, CE1, **asking.bearer("/cms/ops"))
        answer = await send(asking.client, sent, reason="long and thought over", until="custom", custom="2026-08-23T08:30")
        assert (answer.status_code, "You are not logged in any more: nothing was done" in read(answer.text)) == (401, True)
        again = form(answer.text, "deed-set")
        assert (again.fields["reason"], again.fields["custom"]) == (["long and thought over"], ["2026-08-23T08:30"])
        assert again.fields["row"] == sent.fields["row"]
        assert (await send(asking.client, again, asking.bearer("/cms/ops"))).status_code == 303


async def test_what_was_done_is_told_to_who_may_read_the_audit(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        own = asking.bearer("/cms/ops")
        answer = await send(asking.client, await shown(asking.client, CE1, **own), own, reason="secret words")
        where = answer.headers["location"]
        assert [">Undo</button>" in await page(asking.client, where, **asking.bearer(who)) for who in ("/cms", "/cms/ops")] == [
            False,
            True,
        ]
        assert urlsplit(where).path == "/elements/Resource/ComputingElement/CE1"


async def test_a_downtime_ends_and_so_does_what_is_held_until_then(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    text = await page(client, CE1)
    assert f'value="{at(hours=2).isoformat()}"' in text
    grid.announce(outage("1", "CE1", at(hours=-1), NOW))
    await sync(gridmask, "feed")
    assert "until the downtime ends" not in await page(client, CE1)
