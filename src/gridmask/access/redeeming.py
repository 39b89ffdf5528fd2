"""Redeeming: what an issuer tells us of somebody, for the code that it gave them (:rfc:`6749`, section 4.1.3)."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gridmask.access.keys import KeysUnavailable
from gridmask.access.provider import METHODS
from gridmask.domain.errors import InvalidConfiguration, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from gridmask.access.identity import Claims
    from gridmask.access.provider import Endpoints
    from gridmask.http import Client

log = structlog.get_logger()

PATIENCE = 10.0
"""Seconds that an issuer may take."""

MOST_AT_ONCE = 8

_MOST_BYTES = 2**20
_LONGEST_SECRET = 1024
_CODE = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class Registration:
    """As what an issuer knows us.

    Attributes:
        client_id: what it calls us.
        secret_file: by which we prove that; None: by nothing, as what runs with people's browsers does.
        scopes: what we ask to be told.
        asks_userinfo: whether we ask for more than ID tokens tell.
    """

    client_id: str
    secret_file: Path | None
    scopes: tuple[str, ...]
    asks_userinfo: bool = False

    def secret(self) -> str | None:
        """The secret as its file has it now.

        Raises:
            InvalidConfiguration: it cannot be read, or is none.
        """
        if self.secret_file is None:
            return None
        place = f"issuer.client_secret_file {self.secret_file}"
        try:
            found = self.secret_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidConfiguration(place, f"cannot be read: {getattr(error, 'strerror', '') or 'it is no text'}") from error
        if not found or len(found) > _LONGEST_SECRET or not found.isascii() or not found.isprintable():
            raise InvalidConfiguration(place, "should hold a secret: one line of printable ASCII")
        return found


class Redeemed(NamedTuple):
    """What an issuer gives for a code: tokens, and what it tells beside."""

    given: Mapping[str, Any]
    more: Claims


@dataclass(frozen=True, slots=True)
class Talk:
    """How we talk with the issuer called ``name``: at most so many at once, by our own client's ways.

    Attributes:
        name: what it is called here.
        registration: as what it knows us.
        back_to: where it sends people back to, to the letter as it knows it.
        client: by whose ways it is asked.
    """

    name: str
    registration: Registration
    back_to: str
    client: Client
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_AT_ONCE))

    def address(self, endpoints: Endpoints, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send somebody who is to log in; ``verifier`` is not told there (:rfc:`7636`)."""
        url = prepare_grant_uri(
            endpoints.authorization,
            self.registration.client_id,
            "code",
            self.back_to,
            list(self.registration.scopes),
            state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return str(url)

    def farewell(self, endpoints: Endpoints, then: str) -> str:
        """Where to send somebody who is to log out there as well, and who comes back to ``then`` afterwards.

        It knows them by its own cookie, and asks them: what it once said of them to us was not kept (OpenID Connect
        RP-Initiated Logout 1.0, section 2).
        """
        said = {"client_id": self.registration.client_id, "post_logout_redirect_uri": then}
        return str(httpx2.URL(endpoints.end_session).copy_merge_params(said)) if endpoints.end_session else ""

    async def redeem(self, endpoints: Endpoints, code: str, verifier: str) -> Redeemed:
        """What the issuer gives for ``code``. Nothing of it is checked.

        Raises:
            Unauthenticated: nothing. KeysUnavailable: it does not answer as it should.
            InvalidConfiguration: our own secret cannot be read.
        """
        secret = await asyncio.to_thread(self.registration.secret)
        if secret and not endpoints.method:
            raise KeysUnavailable(f"{self.name} takes our secret in none of the ways that we know: {', '.join(METHODS)}.")
        async with self._asking(endpoints, secret) as oauth:
            given = await oauth.fetch_token(endpoints.token, grant_type="authorization_code", code=code, code_verifier=verifier)
            more = await _userinfo(oauth, endpoints.userinfo) if self.registration.asks_userinfo else {}
        return Redeemed(given, more)

    @asynccontextmanager
    async def _asking(self, endpoints: Endpoints, secret: str | None) -> AsyncIterator[AsyncOAuth2Client]:
        made = AsyncOAuth2Client(
            self.registration.client_id,
            secret,
            token_endpoint_auth_method=endpoints.method if secret else "none",
            redirect_uri=self.back_to,
            transport=self.client.transport(_MOST_BYTES),
            trust_env=False,
            timeout=PATIENCE,
        )
        try:
            async with self.turns, asyncio.timeout(PATIENCE), made as oauth:
                yield oauth
        except AuthlibBaseError as error:
            code = error.error if isinstance(error.error, str) and _CODE.fullmatch(error.error) else "no reason"
            log.warning("an issuer refused a log-in", issuer=self.name, problem=code)
            raise Unauthenticated(f"{self.name} did not confirm who you are ({code}). Log in again.") from error
        except (httpx2.HTTPError, ValueError, TypeError, RecursionError, TimeoutError) as error:
            log.warning("an issuer failed during a log-in", issuer=self.name, problem=type(error).__name__)
            raise KeysUnavailable(f"{self.name} does not answer as it should: nobody can log in by it, for now.") from error


async def _userinfo(oauth: AsyncOAuth2Client, url: str) -> Claims:
    answer = await oauth.get(url)
    told = answer.raise_for_status().json()
    if not isinstance(told, dict):
        raise ValueError("it tells no JSON object of somebody")  # noqa: TRY004 - it is their value, not our type
    return told
