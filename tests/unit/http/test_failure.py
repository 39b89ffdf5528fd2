from __future__ import annotations

import ssl
import zlib
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.domain.errors import FetchFailed, InvalidConfiguration, TimedOut, Unreachable
from gridmask.http.failure import Transient, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "https://example.org/"


def kinds(base: type[Exception]) -> Iterator[type[Exception]]:
    yield base
    for kind in base.__subclasses__():
        yield from kinds(kind)


def made(kind: type[Exception]) -> Exception:
    """An exception with a secret in it, whatever its class wants to be made from."""
    error = kind.__new__(kind)
    Exception.__init__(error, "Authorization: HUSH")
    return error


FOREIGN = [
    kind for base in (httpx2.HTTPError, httpx2.InvalidURL, httpx2.CookieConflict, httpx2.StreamError) for kind in kinds(base)
]


@pytest.mark.parametrize("kind", FOREIGN)
def test_every_exception_of_the_library_becomes_one_of_ours(kind: type[Exception]) -> None:
    with pytest.raises((FetchFailed, Transient)) as caught, translated(URL):
        raise made(kind)
    assert URL in str(caught.value)


@pytest.mark.parametrize("kind", [httpx2.LocalProtocolError, httpx2.InvalidURL, httpx2.UnsupportedProtocol, ValueError])
def test_an_exception_about_the_request_is_not_quoted(kind: type[Exception]) -> None:
    with pytest.raises(FetchFailed) as caught, translated(URL):
        raise made(kind)
    assert "HUSH" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx2.ConnectTimeout(""), TimedOut),
        (httpx2.ReadTimeout(""), TimedOut),
        (httpx2.PoolTimeout(""), TimedOut),
        (httpx2.ConnectError("refused"), Unreachable),
        (httpx2.ReadError(""), Unreachable),
        (httpx2.RemoteProtocolError("closed"), Unreachable),
        (httpx2.ProxyError("407"), Unreachable),
        (EOFError("early"), Unreachable),
        (OSError("no route"), Unreachable),
    ],
)
def test_what_may_pass_is_told_apart(error: Exception, expected: type[FetchFailed]) -> None:
    with pytest.raises(Transient) as caught, translated(URL):
        raise error
    assert type(caught.value.error) is expected


def test_a_certificate_that_is_not_trusted_does_not_pass() -> None:
    distrust = ssl.SSLCertVerificationError()
    distrust.verify_message = "expired"
    with pytest.raises(Unreachable, match="expired"), translated(URL):
        raise httpx2.ConnectError("") from distrust


def test_a_body_that_is_not_compressed_does_not_become_so() -> None:
    with pytest.raises(FetchFailed, match="not compressed"), translated(URL):
        raise zlib.error


def test_our_own_errors_stay_as_they_are() -> None:
    with pytest.raises(InvalidConfiguration), translated(URL):
        raise InvalidConfiguration("here", "wrong")


def test_an_error_of_the_program_is_not_hidden() -> None:
    with pytest.raises(KeyError), translated(URL):
        raise KeyError


@pytest.mark.parametrize("reason", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_CERTIFICATE_EXPIRED"])
def test_an_alert_about_who_asks_says_what_to_look_at_and_is_final(reason: str) -> None:
    alert = ssl.SSLError(1, reason)
    alert.reason = reason
    with pytest.raises(Unreachable, match=r"TLS handshake \(certificate (required|expired)\)"), translated(URL):
        raise httpx2.ConnectError("failed") from alert


def test_any_other_alert_may_pass() -> None:
    alert = ssl.SSLError(1, "alert")
    alert.reason = "TLSV1_ALERT_INTERNAL_ERROR"
    with pytest.raises(Transient), translated(URL):
        raise httpx2.ConnectError("failed") from alert
