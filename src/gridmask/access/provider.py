"""Where an issuer has people log in, as it publishes it (OpenID Connect Discovery 1.0, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridmask.access.keys import FRESH_FOR, KeysUnavailable, PublishedKeys, about, address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.clock import Clock
    from gridmask.http import Client

METHODS = ("client_secret_basic", "client_secret_post")
"""How a client can show its secret."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where what is done.

    Attributes:
        authorization: where people are sent to log in.
        token: where their code is redeemed.
        userinfo: where more is told of them; empty: nowhere.
        tells_issuer: whether it says with each code whose it is (:rfc:`9207`).
        method: how we prove to it who we are, where we have a secret; empty: in no way that we know.
        end_session: where people log out of it; empty: nowhere that it tells of.
    """

    authorization: str
    token: str
    userinfo: str
    tells_issuer: bool
    method: str
    end_session: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any], issuer: str) -> Endpoints:
        """What ``issuer`` ``said`` of itself.

        Raises:
            ValueError: something is no https address.
        """
        offered = said.get("token_endpoint_auth_methods_supported", list(METHODS[:1]))
        return cls(
            address(said, "authorization_endpoint", issuer),
            address(said, "token_endpoint", issuer),
            address(said, "userinfo_endpoint", issuer) if "userinfo_endpoint" in said else "",
            said.get("authorization_response_iss_parameter_supported") is True,
            next((method for method in METHODS if isinstance(offered, list) and method in offered), ""),
            _farewell(said, issuer),
        )


def _farewell(said: Mapping[str, Any], issuer: str) -> str:
    """Where people log out. What is no address keeps nobody from logging in."""
    try:
        return address(said, "end_session_endpoint", issuer)
    except ValueError:
        return ""


class Provider:
    """The issuer at ``url``, as somebody who has people log in. ``keys``: what it signs with."""

    def __init__(self, url: str, client: Client, clock: Clock) -> None:
        self.keys = PublishedKeys(url, client, clock)
        self._url = url
        self._client = client
        self._clock = clock
        self._known: tuple[datetime, Endpoints] | None = None

    async def endpoints(self) -> Endpoints:
        """Where what is done.

        Raises:
            KeysUnavailable: it does not answer, or not as it should.
        """
        now = self._clock()
        if self._known is not None and now - self._known[0] < FRESH_FOR:
            return self._known[1]
        try:
            found = Endpoints.of(await about(self._client, self._url), self._url)
        except ValueError as error:
            raise KeysUnavailable(f"Nobody can log in by {self._url}, for now: {error}.") from error
        self._known = now, found
        return found
