"""Who is asked with what: tokens and certificates, and that they are told to nobody else."""

from __future__ import annotations

import http.server
import traceback
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from gridmask_client import AsyncClient, Client, access, discovered
from gridmask_client.errors import GridmaskError, Unreachable, Unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.client.conftest import Ask
    from tests.pki import Pki

SECRET = "eyJhbGciOi.very-secret"
ME = b'{"name": "me", "kind": "person", "issuer": "", "grants": []}'


class Listening(http.server.BaseHTTPRequestHandler):
    """Notes what it was asked with."""

    def do_GET(self) -> None:
        self.server.heard.append(self.headers)  # type: ignore[attr-defined]  # it is set where the server is made
        self.send_response(200)
        self.send_header("Content-Length", str(len(ME)))
        self.end_headers()
        self.wfile.write(ME)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def listening(tls: Any = None) -> Iterator[tuple[str, list[Any]]]:  # noqa: ANN401 - a context of ssl
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    heard: list[Any] = []
    server.heard = heard  # type: ignore[attr-defined]  # for who answers
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"{'https' if tls else 'http'}://localhost:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plain() -> Iterator[tuple[str, list[Any]]]:
    yield from listening()


@pytest.fixture
def guarded(pki: Pki) -> Iterator[tuple[str, list[Any]]]:
    """Lets in those only who show a certificate of the CA."""
    yield from listening(pki.server(wants_client=True))


def test_a_token_is_taken_from_its_file_each_time(
    asker: Callable[..., Ask], plain: tuple[str, list[Any]], tmp_path: Path
) -> None:
    url, heard = plain
    file = tmp_path / "token"
    asking = asker(url, token=file)
    for token in ("one", " two\n"):
        file.write_text(token)
        asking.do(access.whoami())
    assert [headers["Authorization"] for headers in heard] == ["Bearer one", "Bearer two"]


def test_a_token_is_taken_from_a_function_each_time(asker: Callable[..., Ask], plain: tuple[str, list[Any]]) -> None:
    url, heard = plain
    coming = iter(["one", "two"])
    asking = asker(url, token=lambda: next(coming))
    for _ in range(2):
        asking.do(access.whoami())
    assert [headers["Authorization"] for headers in heard] == ["Bearer one", "Bearer two"]


async def test_a_token_can_be_awaited(plain: tuple[str, list[Any]]) -> None:
    async def token() -> str:
        return "one"

    async with AsyncClient(plain[0], token=token) as asking:
        await asking.do(access.whoami())
    assert plain[1][0]["Authorization"] == "Bearer one"


@pytest.mark.parametrize("token", ["", " ", "two words", "a\nb", "caf\xe9", "x" * 70_000])
def test_what_is_no_token_is_not_sent_and_not_told(
    asker: Callable[..., Ask], plain: tuple[str, list[Any]], tmp_path: Path, token: str
) -> None:
    url, heard = plain
    (tmp_path / "token").write_text(token, encoding="latin-1")
    for given in (token, tmp_path / "token", lambda: token):
        with pytest.raises(Unusable) as refused:
            asker(url, token=given).do(access.whoami())
        assert "two words" not in str(refused.value)
    assert heard == []


def test_a_token_is_not_sent_where_others_can_hear_it(kind: str) -> None:
    for url in ("http://rss.example.org", "http://127.0.0.1.example.org", "http://192.0.2.1"):
        with pytest.raises(Unusable, match="use https"):
            (Client if kind == "sync" else AsyncClient)(url, token=SECRET)


def test_a_token_that_cannot_be_read_is_told(asker: Callable[..., Ask], plain: tuple[str, list[Any]], tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="none cannot be read: No such file"):
        asker(plain[0], token=tmp_path / "none").do(access.whoami())


def test_a_token_is_told_nowhere(asker: Callable[..., Ask], caplog: pytest.LogCaptureFixture) -> None:
    asking = asker("http://127.0.0.1:9", token=SECRET)
    with caplog.at_level(0), pytest.raises(GridmaskError) as failed:
        asking.do(access.whoami())
    told = [repr(asking.client), *traceback.format_exception(failed.value), repr(failed.value.__cause__), caplog.text]
    assert SECRET not in "".join(told)


def test_the_token_of_this_process_is_found_as_others_find_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415

    (tmp_path / f"bt_u{os.geteuid()}").write_text("of the folder")
    (tmp_path / "named").write_text("of the file")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("BEARER_TOKEN", raising=False)
    monkeypatch.delenv("BEARER_TOKEN_FILE", raising=False)
    assert discovered() == "of the folder"
    monkeypatch.setenv("BEARER_TOKEN_FILE", str(tmp_path / "named"))
    assert discovered() == "of the file"
    monkeypatch.setenv("BEARER_TOKEN", " itself ")
    assert discovered() == "itself"


def test_what_is_on_this_machine_is_asked_past_proxies(
    asker: Callable[..., Ask], plain: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert asker(plain[0]).do(access.whoami()).name == "me"


# --- Certificates


@pytest.mark.parametrize("hashed", [False, True])
def test_a_certificate_is_shown_to_who_is_believed(
    asker: Callable[..., Ask],
    guarded: tuple[str, list[Any]],
    pki: Pki,
    hashed: bool,  # noqa: FBT001 - a case
) -> None:
    identity: Any = pki.both("client") if hashed else (pki.certificate("client"), pki.key("client"))
    asking = asker(guarded[0], ca=pki.hashed if hashed else pki.ca, certificate=identity)
    assert asking.do(access.whoami()).name == "me"


def test_who_is_not_believed_is_told_nothing(asker: Callable[..., Ask], guarded: tuple[str, list[Any]], pki: Pki) -> None:
    for given in ({}, {"ca": pki.certificate("stranger")}):
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            asker(guarded[0], token=SECRET, **given).do(access.whoami())
    assert guarded[1] == []


def test_files_that_are_no_certificates_are_told(kind: str, pki: Pki, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    unusable: list[dict[str, Any]] = [
        {"ca": tmp_path / "none.pem"},
        {"ca": tmp_path / "absent.pem"},
        {"ca": tmp_path},
        {"certificate": pki.certificate("client")},
        {"certificate": tmp_path / "absent.pem"},
        {"certificate": (pki.certificate("client"), pki.key("server"))},
        {"certificate": (pki.certificate("client"), pki.key("locked"))},
    ]
    for given in unusable:
        with pytest.raises(Unusable):
            (Client if kind == "sync" else AsyncClient)("https://localhost", **given)


def test_who_shows_no_certificate_is_not_let_in(asker: Callable[..., Ask], guarded: tuple[str, list[Any]], pki: Pki) -> None:
    with pytest.raises(Unreachable):
        asker(guarded[0], ca=pki.ca).do(access.whoami())
    assert guarded[1] == []


def test_a_certificate_that_is_renewed_is_shown_from_then_on(
    asker: Callable[..., Ask], guarded: tuple[str, list[Any]], pki: Pki, tmp_path: Path
) -> None:
    proxy = tmp_path / "proxy.pem"
    proxy.write_text(pki.both("stranger").read_text())
    asking = asker(guarded[0], ca=pki.ca, certificate=proxy)
    with pytest.raises(Unreachable):
        asking.do(access.whoami())
    proxy.write_text("half of it")
    with pytest.raises(Unusable, match="no PEM file"):
        asking.do(access.whoami())
    proxy.write_text(pki.both("client").read_text())
    assert asking.do(access.whoami()).name == "me"
