from __future__ import annotations

import gzip
import hashlib
import ssl
from typing import TYPE_CHECKING, assert_type

import httpx2
import pytest
from structlog.testing import capture_logs

from gridmask import __version__
from gridmask.domain.errors import BadStatus, FetchFailed, InvalidConfiguration, TooLarge, Unreachable
from gridmask.http import Answer, Client, Limits, NotModified, Validators
from tests.integration.http.server import raw, reply, zipped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from tests.integration.http.conftest import Clock
    from tests.integration.http.server import Server


async def test_an_answer_has_its_body_and_tells_where_it_came_from(server: Server, client: Client, clock: Clock) -> None:
    url = server.on("/feed", reply(200, b"<xml/>", ETag='"1"', Last_Modified="Fri, 21 Aug 2026 16:00:00 GMT"))
    answer = await client.get(url)
    assert_type(answer, Answer)
    assert answer.body == b"<xml/>"
    assert answer.provenance.url == url
    assert answer.provenance.fetched_at == clock.now
    assert answer.provenance.status == 200
    assert answer.provenance.size == 6
    assert answer.provenance.sha256 == hashlib.sha256(b"<xml/>").hexdigest()
    assert answer.provenance.validators == Validators('"1"', "Fri, 21 Aug 2026 16:00:00 GMT")
    assert answer.provenance.elapsed.total_seconds() > 0


async def test_the_source_learns_who_asks(server: Server, client: Client) -> None:
    await client.get(server.on("/feed", reply()))
    [asked] = server.asked
    assert asked.headers["user-agent"] == f"gridmask/{__version__}"
    assert asked.headers["accept-encoding"] == "gzip"
    assert "if-none-match" not in asked.headers


async def test_validators_are_sent_and_a_304_says_not_modified(server: Server, client: Client, clock: Clock) -> None:
    url = server.on("/feed", reply(304))
    known = Validators('"1"', "Fri, 21 Aug 2026 16:00:00 GMT")
    answer = await client.get(url, known)
    assert isinstance(answer, NotModified)
    assert (answer.url, answer.fetched_at, answer.validators) == (url, clock.now, known)
    assert server.asked[0].headers["if-none-match"] == '"1"'
    assert server.asked[0].headers["if-modified-since"] == "Fri, 21 Aug 2026 16:00:00 GMT"


async def test_a_304_can_renew_the_validators(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(304, ETag='"2"'))
    answer = await client.get(url, Validators('"1"', "Fri, 21 Aug 2026 16:00:00 GMT"))
    assert isinstance(answer, NotModified)
    assert answer.validators == Validators('"2"', "Fri, 21 Aug 2026 16:00:00 GMT")


async def test_a_source_that_changed_answers_anew(server: Server, client: Client) -> None:
    answer = await client.get(server.on("/feed", reply(200, b"new", ETag='"2"')), Validators('"1"'))
    assert isinstance(answer, Answer)
    assert answer.provenance.validators == Validators('"2"')


@pytest.mark.parametrize("validators", [None, Validators()])
async def test_a_304_that_nobody_asked_for_is_no_answer(server: Server, client: Client, validators: Validators | None) -> None:
    with pytest.raises(BadStatus, match="304"):
        await client.get(server.on("/feed", reply(304)), validators)


@pytest.mark.parametrize("status", [204, 206, 302, 403, 404])
async def test_what_is_no_success_is_an_error_at_once(server: Server, client: Client, status: int) -> None:
    with pytest.raises(BadStatus) as error:
        await client.get(server.on("/feed", reply(status)))
    assert error.value.status == status
    assert len(server.asked) == 1


async def test_a_compressed_body_is_decompressed(server: Server, client: Client) -> None:
    answer = await client.get(server.on("/feed", zipped(gzip.compress(b"one") + gzip.compress(b"two"))))
    assert answer.body == b"onetwo"
    assert answer.provenance.size == 6


async def test_a_chunked_body_is_put_together(server: Server, client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await client.get(server.on("/feed", raw(head, b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n")))
    assert answer.body == b"onetwo"


async def test_an_empty_body_is_an_answer(server: Server, client: Client) -> None:
    assert (await client.get(server.on("/feed", reply()))).body == b""


async def test_a_body_that_is_not_the_gzip_it_claims_to_be_is_refused(server: Server, client: Client) -> None:
    with pytest.raises(FetchFailed, match="not compressed as its header says"):
        await client.get(server.on("/feed", zipped(b"plain text")))
    assert len(server.asked) == 1


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "unheard-of"])
async def test_an_encoding_that_was_not_asked_for_is_refused(server: Server, client: Client, encoding: str) -> None:
    with pytest.raises(FetchFailed, match=encoding):
        await client.get(server.on("/feed", reply(200, b"...", Content_Encoding=encoding)))


async def test_a_truncated_gzip_body_is_not_taken_for_a_short_one(server: Server, client: Client) -> None:
    whole = gzip.compress(b"downtimes" * 1000)
    with pytest.raises(Unreachable, match="broke off"):
        await client.get(server.on("/feed", zipped(whole[:-9])))


async def test_credentials_reach_the_server_but_no_reader(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200)).replace("://", "://anna:p%40ss@")
    answer = await client.get(f"{url}?token=hush&show=all")
    assert server.asked[0].headers["authorization"] == "Basic YW5uYTpwQHNz"
    assert server.asked[0].target == "/feed?token=hush&show=all"
    assert answer.provenance.url == f"{server.url}/feed?token=***&show=all"


async def test_errors_and_logs_keep_secrets(server: Server, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    url = server.on("/feed", reply(503)).replace("://", "://anna:p%40ss@")
    with caplog.at_level("DEBUG"), capture_logs() as entries, pytest.raises(BadStatus) as error:
        await client.get(f"{url}?token=hush")
    logged = [*map(str, entries), *(str(vars(record)) for record in caplog.records)]
    assert logged
    for text in (str(error.value), repr(error.value), caplog.text, *logged):
        assert not any(secret in text for secret in ("anna", "p%40ss", "YW5uYTpwQHNz", "hush"))


@pytest.mark.parametrize(
    "url", ["ftp://example.org/x", "example.org/x", "http://", "https:///x", "http://h:99999/", "http://h:x/", ""]
)
async def test_what_is_no_web_or_file_url_is_a_wrong_configuration(client: Client, url: str) -> None:
    with pytest.raises(InvalidConfiguration):
        await client.get(url)


async def test_a_cookie_is_not_carried_to_the_next_question(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, Set_Cookie="session=1"))
    await client.get(url)
    await client.get(url)
    assert "cookie" not in server.asked[1].headers


async def test_a_connection_is_given_back_whatever_came(server: Server, clock: Clock) -> None:
    one = httpx2.AsyncHTTPTransport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), limits=httpx2.Limits(max_connections=1))
    limits = Limits(timeout=0.2, max_bytes=10)
    url = server.on("/feed", reply(404, b"gone"), reply(302, b"there", Location="/feed"), reply(200, bytes(99)), reply())
    async with Client(clock, limits, transport=one) as client:
        for error in (BadStatus, TooLarge):
            with pytest.raises(error):
                await client.get(url)
        await client.get(url)


async def test_an_application_can_stand_in_for_the_network(clock: Clock) -> None:
    async def app(
        _scope: MutableMapping[str, object],
        _receive: Callable[[], Awaitable[MutableMapping[str, object]]],
        send: Callable[[MutableMapping[str, object]], Awaitable[None]],
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    async with Client(clock, transport=httpx2.ASGITransport(app)) as client:
        assert (await client.get("https://example.org/")).body == b"hello"
