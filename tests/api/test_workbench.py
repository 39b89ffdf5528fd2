"""The workbench: other policies are tried, and nothing of what somebody wrote is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.service.policy_layers import named
from tests.api.conftest import BASE
from tests.api.test_rights import ISSUER, Asking
from tests.forms import OURS, form, send
from tests.grid import ADMIN, toml_policies
from tests.issuer import Signer
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


WHERE = "/policies/workbench?vo=cms"
OF_ATLAS = "/policies/workbench?vo=atlas"
CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Banned", comment = "<b>no</b>" }\n'
WRONG = "# fine\n\n" + CLOSED.replace("always", "alwys")
TESTS = """
[[element]]
name = "CE2"
[[test]]
name = "CE2 is open"
[[test.at]]
time = "08:00"
expect = [{ vo = "cms", status = "Active" }]
"""


@pytest.fixture
async def gridmask(grid: Grid, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation in which cms keeps its policies by the API, and atlas in a file."""
    policies = toml_policies(tmp_path, atlas=CLOSED)
    async with grid.open(policies=policies, vo={"cms": {"policies": "api"}, "atlas": {}}) as made:
        yield made


async def asked(client: httpx2.AsyncClient, do: str, text: str = CLOSED, where: str = WHERE, **more: str) -> httpx2.Response:
    """What comes of opening the workbench, writing ``text``, and pressing a button."""
    page = await client.get(where)
    return await send(client, form(page.text, "draft"), text=text.replace("\n", "\r\n"), do=do, **more)


def kept(answer: httpx2.Response) -> str:
    return form(answer.text, "draft").fields["text"][0]


async def test_it_begins_with_an_example_where_there_is_nothing(client: httpx2.AsyncClient) -> None:
    page = await client.get(WHERE)
    assert "you begin with an example" in read(page.text)
    assert kept(page).startswith("# The policies of cms.")


async def test_it_begins_with_a_copy_of_what_there_is(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    assert kept(await client.get(OF_ATLAS)) == CLOSED
    for text in (CLOSED, ""):
        await gridmask.policy_layers.put(ADMIN, "cms", text, "as agreed")
    page = await client.get(WHERE)
    assert "You begin with version 2, which admin put" in read(page.text)
    assert kept(await client.get(f"{WHERE}&version=1")) == CLOSED


async def test_what_is_wrong_is_told_with_a_link_to_its_line(client: httpx2.AsyncClient) -> None:
    answer = await asked(client, "check", WRONG)
    told = read(answer.text)
    assert "1 error. This would be refused; what is in force would stay. Line 4" in told
    assert "did you mean 'always'" in told
    assert 'href="#line-4" data-line="4"' in answer.text
    assert '<li id="line-4" class="error">' in answer.text
    assert kept(answer) == WRONG


async def test_what_can_hardly_be_meant_is_told_apart(client: httpx2.AsyncClient) -> None:
    told = read((await asked(client, "check", CLOSED.replace("CE2", "CE9"))).text)
    assert "No error. But 1 thing can hardly be meant: Line 3 policy.closed.match.name no row agrees" in told


async def test_what_would_be_is_told_with_why_and_what_the_guard_says(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    answer = await asked(client, "what-if")
    told = read(answer.text)
    assert "1 row that cms reads would be another: 1 could not be used any more, 0 could again." in told
    assert "The guard would let it through. Active → Banned 1 A 1" in told
    assert "Active No downtime is announced for now. Banned Always Banned: <b>no</b>" in told
    assert "<b>no</b>" not in answer.text
    assert (await gridmask.policy_layers.show("cms")).version.number == 0
    assert kept(answer) == CLOSED


async def test_tests_are_played_and_stay_in_the_form(client: httpx2.AsyncClient) -> None:
    answer = await asked(client, "test", tests=TESTS)
    told = read(answer.text)
    assert "1 test, 1 failed. ✗ failed: CE2 is open line 4" in told
    assert "status expected Active found Banned" in told
    assert form(answer.text, "draft").fields["tests"] == [TESTS]
    assert "There is no test" in read((await asked(client, "test")).text)


async def test_nothing_is_put_before_it_was_confirmed(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    answer = await asked(client, "save")
    told = read(answer.text)
    assert told.startswith("Policies for cms Workbench Put this in force for cms?")
    assert "4 lines come, 0 go." in told
    assert '1 + [policy.closed] 2 + type = "always"' in told
    assert "1 could not be used any more" in told
    assert (await gridmask.policy_layers.show("cms")).version.number == 0
    put = await send(client, form(answer.text, "draft"), reason="as agreed", do="put")
    assert (put.status_code, put.headers["location"]) == (303, "/policies/versions?vo=cms&version=1")
    layer = await gridmask.policy_layers.show("cms")
    assert (layer.text, layer.version.author, layer.version.reason) == (CLOSED, "local", "as agreed")
    assert "Version 1 in force as agreed local" in read((await client.get(put.headers["location"])).text)


async def test_who_was_overtaken_is_told_and_keeps_the_text(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    sure = form((await asked(client, "save")).text, "draft")
    await gridmask.policy_layers.put(ADMIN, "cms", "# mine\n", "first")
    late = await send(client, sure, reason="as agreed", do="put")
    assert late.status_code == 409
    told = read(late.text)
    assert "Somebody was faster. What you began with is not what stands now: admin put version 1" in told
    assert "1 - # mine 1 + [policy.closed]" in told
    again = form(late.text, "draft")
    assert (again.fields["text"], again.fields["reason"]) == ([CLOSED], ["as agreed"])
    assert (await send(client, again, do="put")).status_code == 303
    assert (await gridmask.policy_layers.show("cms")).version.number == 2


async def test_who_presses_twice_puts_it_once(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    sure = form((await asked(client, "save")).text, "draft")
    answers = [await send(client, sure, reason="as agreed", do="put") for _ in range(2)]
    assert {answer.headers.get("location") for answer in answers} == {"/policies/versions?vo=cms&version=1"}
    assert (await gridmask.policy_layers.show("cms")).version.number == 1


async def test_who_was_overtaken_before_saving_is_told_then(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    begun = form((await client.get(WHERE)).text, "draft")
    await gridmask.policy_layers.put(ADMIN, "cms", "# mine\n", "first")
    checked = await send(client, begun, text=CLOSED, do="check")
    saved = await send(client, form(checked.text, "draft"), do="save")
    assert "Somebody was faster." in read(saved.text)


async def test_without_a_reason_nothing_is_put_and_nothing_is_lost(client: httpx2.AsyncClient) -> None:
    sure = form((await asked(client, "save")).text, "draft")
    answer = await send(client, sure, reason=" ", do="put")
    assert (answer.status_code, "A reason is needed" in read(answer.text), kept(answer)) == (422, True, CLOSED)
    back = await send(client, form(answer.text, "draft"), do="edit")
    assert (back.status_code, kept(back)) == (200, CLOSED)


@pytest.mark.parametrize(
    ("text", "told"), [(WRONG, "This would be refused"), ("#" * 300_000, "bytes at most"), ("a" + "." * 600, "dots")]
)
async def test_what_cannot_be_saved_stays_in_the_form(client: httpx2.AsyncClient, text: str, told: str) -> None:
    answer = await asked(client, "save", text)
    assert (answer.status_code, told in read(answer.text), kept(answer)) == (422, True, text)


async def test_what_is_kept_in_a_file_is_given_to_who_keeps_it(client: httpx2.AsyncClient) -> None:
    answer = await asked(client, "save", "# other\n", OF_ATLAS)
    assert "It is put in force by whoever keeps vo/atlas.toml" in read(answer.text)
    assert "Put in force" not in answer.text
    sure = form(answer.text, "draft")
    assert (await send(client, sure, reason="x", do="put")).status_code == 409
    taken = await send(client, sure, do="download")
    assert (taken.text, taken.headers["content-type"]) == ("# other\n", "text/plain; charset=utf-8")
    assert taken.headers["content-disposition"] == "attachment; filename*=UTF-8''atlas.toml"


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example.org"}, {**OURS, "Sec-Fetch-Site": "cross-site"}])
async def test_a_form_from_elsewhere_does_nothing(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    sent = {"text": CLOSED, "do": "put", "reason": "x", "seen": ""}
    assert (await client.post(WHERE, data=sent, headers=headers)).status_code == 403


async def test_what_cannot_be_done_with_a_text_is_refused(client: httpx2.AsyncClient) -> None:
    assert (await asked(client, "burn")).status_code == 422
    assert (await client.post("/policies/workbench?vo=all", data={"do": "edit"}, headers=OURS)).status_code == 409
    assert "Those of a VO are tried here" in read((await client.get("/policies/workbench")).text)


async def test_who_may_not_is_not_offered_it_and_does_not_get_it(grid: Grid) -> None:
    signer = Signer()
    access = {"access": {"reading": "vo"}, "issuer": [ISSUER], "vo": {"cms": {"policies": "api"}, "atlas": {}}}
    async with (
        signer.client(grid.clock) as outside,
        installation(grid.settings(**access), clock=grid.clock, client=outside) as made,
    ):
        app = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=app, base_url=BASE) as client:
            who = Asking(client, grid)
            reader, author = who.bearer("/cms"), who.bearer("/cms/authors")
            page = await client.get(WHERE, headers=reader)
            assert ("readonly" in page.text, 'value="check"' in page.text) == (True, False)
            sent = {"text": CLOSED, "reason": "x", "seen": named((await made.policy_layers.show("cms")).version)}
            for do in ("check", "test", "what-if", "save", "put"):
                told = await client.post(WHERE, data={**sent, "do": do}, headers={**OURS, **reader})
                assert "may not" in read(told.text), do
            assert (await made.policy_layers.show("cms")).version.number == 0
            stranger = await client.post(WHERE, data={**sent, "do": "put"}, headers=OURS)
            assert (stranger.status_code, kept(stranger)) == (403, CLOSED)
            assert (await client.post(OF_ATLAS, data={**sent, "do": "edit"}, headers={**OURS, **author})).status_code == 403
            assert (await client.post(WHERE, data={**sent, "do": "put"}, headers={**OURS, **author})).status_code == 303
