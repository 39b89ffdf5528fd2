"""What the HTTP library and the system raise, said in Gridmask's own errors."""

from __future__ import annotations

import ssl
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2

from gridmask.domain.errors import FetchFailed, TimedOut, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOREIGN = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.CookieConflict,
    httpx2.StreamError,
    OSError,
    ValueError,  # a host name that no resolver takes
    OverflowError,  # a port that no system has
    EOFError,
    zlib.error,
)

_ALERTS = frozenset(
    {
        *("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "UNKNOWN_CA", "ACCESS_DENIED"),
        *("BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE", "CERTIFICATE_REVOKED", "CERTIFICATE_EXPIRED", "CERTIFICATE_UNKNOWN"),
    }
)
"""The alerts of TLS (RFC 8446, section 6.2) by which a server rejects who asks; before TLS 1.3 also for other disagreements."""


class Transient(Exception):
    """``error`` happened and may pass by itself; the server asked for ``retry_after`` seconds before the next try.

    Internal: it decides about the next attempt and is unpacked before a caller sees it.
    """

    def __init__(self, error: FetchFailed, retry_after: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what goes wrong inside, while ``url`` (redacted) is asked, into FetchFailed, or Transient if it may pass."""
    try:
        yield
    except _FOREIGN as error:
        raise translate(error, url) from error


def translate(error: Exception, url: str) -> FetchFailed | Transient:
    """The error to raise for ``error``."""
    if distrust := _distrust(error):
        problem = f"its certificate is not trusted ({distrust.verify_message}). Is its CA in the CA bundle?"
        return Unreachable(url, problem)
    if alert := _refusal(error):
        problem = f"the server ended the TLS handshake ({alert}). Does it want a certificate, or another one?"
        return Unreachable(url, problem)
    if isinstance(error, zlib.error):
        return FetchFailed(url, f"the body is not compressed as its header says: {error}")
    passing = _passing(error, url)
    # The text of the others can quote what was sent, credentials included.
    return Transient(passing) if passing else FetchFailed(url, f"could not be asked for ({type(error).__name__})")


def _passing(error: Exception, url: str) -> FetchFailed | None:
    match error:
        case httpx2.ConnectTimeout():
            return TimedOut(url, "no connection within the time allowed")
        case httpx2.TimeoutException():
            return TimedOut(url, "nothing came for longer than the time allowed")
        case httpx2.ReadError() | httpx2.RemoteProtocolError() | EOFError():
            return Unreachable(url, f"the answer broke off, or is not HTTP: {_reason(error)}")
        case httpx2.NetworkError() | httpx2.ProxyError() | OSError():
            return Unreachable(url, f"no connection: {_reason(error)}")
    return None


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _distrust(error: BaseException) -> ssl.SSLCertVerificationError | None:
    return next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLCertVerificationError)), None)


def _refusal(error: BaseException) -> str | None:
    """By which alert of TLS the server said that it does not like the client's certificate, or that there is none."""
    reasons = (cause.reason or "" for cause in _causes(error) if isinstance(cause, ssl.SSLError))
    return next((_told(reason) for reason in reasons if reason.partition("_ALERT_")[2] in _ALERTS), None)


def _told(reason: str) -> str:
    return reason.partition("_ALERT_")[2].replace("_", " ").lower()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
