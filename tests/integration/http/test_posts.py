from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from gridmask.domain.errors import BadStatus, CircuitOpen, FetchFailed, InvalidConfiguration, TooLarge
from gridmask.http import Access, Limits, Validators
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.server import Server

FORM = {"method": "ping", "args": '["é & ?"]'}


async def test_a_form_arrives_as_it_was_given(server: Server, client: Client) -> None:
    answer = await client.post(server.on("/service", reply(200, b"pong")), FORM)
    (asked,) = server.asked
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert parse_qs(asked.body.decode()) == {name: [value] for name, value in FORM.items()}
    assert answer.body == b"pong"


async def test_the_answer_has_no_validators(server: Server, client: Client) -> None:
    answer = await client.post(server.on("/service", reply(200, b"pong", ETag='"1"')), FORM)
    assert answer.provenance.validators == Validators()


async def test_a_failure_that_may_pass_is_put_again_with_the_form(server: Server, client: Client) -> None:
    url = server.on("/service", reply(503), reply(200, b"pong"))
    assert (await client.post(url, FORM)).body == b"pong"
    assert server.asked[0].body == server.asked[1].body


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(server: Server, client: Client, status: int) -> None:
    url = server.on("/service", reply(status, Location=server.on("/other", reply())))
    with pytest.raises(FetchFailed, match="redirects a POST, which is not followed"):
        await client.post(url, FORM)
    assert [asked.target for asked in server.asked] == ["/service"]


async def test_an_answer_may_not_be_longer_than_allowed(server: Server, client: Client) -> None:
    with pytest.raises(TooLarge):
        await client.post(server.on("/service", reply(200, b"x" * 101)), FORM, limits=Limits(max_bytes=100))


async def test_not_modified_is_no_answer_to_a_form(server: Server, client: Client) -> None:
    with pytest.raises(BadStatus, match="304"):
        await client.post(server.on("/service", reply(304)), FORM)


async def test_a_service_that_fails_again_and_again_is_left_alone(server: Server, client: Client) -> None:
    url = server.on("/service", reply(500))
    for _ in range(3):
        with pytest.raises(BadStatus):
            await client.post(url, FORM)
    with pytest.raises(CircuitOpen):
        await client.post(url, FORM)


async def test_a_file_takes_no_form(client: Client, tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="no http, https"):
        await client.post((tmp_path / "file").as_uri(), FORM)


async def test_a_form_is_sent_with_the_token(server: Server, client: Client, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    await client.post(server.on("/service", reply()), FORM, access=Access(token_file=tmp_path / "token"))
    assert server.asked[0].headers["authorization"] == "Bearer secret"


async def test_a_document_is_sent_as_json(server: Server, client: Client) -> None:
    await client.post(server.on("/service", reply()), document={"grouping": ["Site"]})
    (asked,) = server.asked
    assert (asked.headers["content-type"], asked.body) == ("application/json", b'{"grouping": ["Site"]}')
