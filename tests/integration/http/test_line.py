"""Lines to servers on which something is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import BadStatus, InvalidConfiguration, TimedOut, Unreachable
from gridmask.http import Access
from gridmask.http.line import Line
from tests.double import double
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.http.server import Server


async def test_each_request_is_made_once_and_every_answer_told(server: Server) -> None:
    server.on("/x", reply(503, b"later"))
    async with Line(server.url).open() as line:
        told = await line.send("PUT", "/x", document={"a": 1})
    assert (told.status, told.body, len(server.asked)) == (503, b"later", 1)
    with pytest.raises(BadStatus):
        told.require_success()


async def test_a_redirect_is_not_followed(server: Server) -> None:
    server.on("/x", reply(307, location=f"{server.url}/y"))
    async with Line(server.url).open() as line:
        told = await line.send("DELETE", "/x")
    assert (told.status, told.is_success, [asked.target for asked in server.asked]) == (307, False, ["/x"])


async def test_the_token_is_read_for_each_request(server: Server, tmp_path: Path) -> None:
    token = tmp_path / "token"
    server.on("/", reply(200))
    async with Line(f"{server.url}/", Access(token_file=token, token_as="X-Token")).open() as line:
        for word in ("first", "second"):
            token.write_text(word)
            await line.send("GET")
        token.unlink()
        with pytest.raises(InvalidConfiguration, match="cannot be read"):
            await line.send("GET")
    assert [asked.headers["x-token"] for asked in server.asked] == ["first", "second"]


@pytest.mark.parametrize(("behaviour", "error"), [("silent", TimedOut), ("rubbish", Unreachable), ("closing", Unreachable)])
async def test_who_does_not_answer_properly_is_told_as_that(behaviour: str, error: type[Exception]) -> None:
    async with double(behaviour) as bad, Line(f"http://127.0.0.1:{bad.port}", timeout=0.2).open() as line:
        with pytest.raises(error):
            await line.send("GET", "/")


def test_a_token_goes_nowhere_in_the_open(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="by https only"):
        Line("http://example.org", Access(token_file=tmp_path / "token"))
