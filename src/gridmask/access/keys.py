"""The public keys of an issuer, as it publishes them: found by OpenID Connect discovery, kept, and read again in time.

See OpenID Connect Discovery 1.0, section 4, and :rfc:`7517`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from gridmask.domain.errors import GridmaskError, SourceError
from gridmask.http import Limits

if TYPE_CHECKING:
    from joserfc.jwk import Key

    from gridmask.clock import Clock
    from gridmask.http import Client

log = structlog.get_logger()

FRESH_FOR = timedelta(minutes=15)
"""How long keys count before they are read again."""

KEPT_FOR = timedelta(hours=24)
"""How long they count while the issuer does not answer."""

NOT_SOONER = timedelta(seconds=10)
"""An issuer is not asked again sooner, whatever keys tokens name: whoever invents them must not make us a nuisance."""

DISCOVERY = "/.well-known/openid-configuration"

_LIMITS = Limits(deadline=10, max_bytes=2**20, attempts=2)
_SYMMETRIC = "oct"


class KeysUnavailable(GridmaskError):
    """The keys of an issuer are not known: it did not answer, or not as it should."""

    permanent = False


class PublishedKeys:
    """The keys of the issuer at ``url``."""

    def __init__(self, url: str, client: Client, clock: Clock) -> None:
        self._url = url
        self._client = client
        self._clock = clock
        self._keys: Mapping[str | None, Key] = {}
        self._read_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()

    async def find(self, kid: str | None) -> Key | None:
        """The key called ``kid``; None asks for the only one. The issuer is asked if it is not known, but not too often.

        Raises:
            KeysUnavailable: none are known, or they are too old.
        """
        # while an issuer takes its time, only those wait who have no use for what it said before
        if (self._stale() or kid not in self._keys) and not (kid in self._keys and self._asking.locked()):
            async with self._asking:
                if (self._stale() or kid not in self._keys) and self._may_ask():
                    await self._read()
        if self._read_at is None or self._clock() - self._read_at > KEPT_FOR:
            raise KeysUnavailable(f"The keys of {self._url} are not known: it does not answer as it should.")
        return self._keys.get(kid)

    def _stale(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at > FRESH_FOR

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= NOT_SOONER

    async def _read(self) -> None:
        began = self._clock()
        try:
            self._keys, self._read_at = await _published(self._client, self._url), began
        except (GridmaskError, ValueError) as error:
            # those that are known go on to count for a while
            log.warning("the keys of an issuer cannot be read", issuer=self._url, problem=str(error))
        finally:
            # from when it was done: whoever waited meanwhile must not ask again, one after the other
            self._asked_at = self._clock()


async def _published(client: Client, issuer: str) -> Mapping[str | None, Key]:
    """The keys that ``issuer`` publishes, by their names; if there is one alone, by None as well."""
    listed = (await _document(client, address(await about(client, issuer), "jwks_uri", issuer))).get("keys")
    usable = [key for one in (listed if isinstance(listed, list) else []) for key in _usable(one)]
    if not usable:
        raise ValueError("it publishes no key that could be used")
    named: dict[str | None, Key] = {key.kid: key for key in KeySet(usable)}
    return {**named, None: usable[0]} if len(usable) == 1 else named


def _usable(published: Any) -> list[Key]:  # noqa: ANN401 - whatever somebody published
    """A key to check signatures with; others are passed over, as RFC 7517 wants it. Nobody publishes a secret one."""
    if not isinstance(published, dict) or published.get("kty") == _SYMMETRIC or published.get("use", "sig") != "sig":
        return []
    # what it may be used for is sometimes told wrongly; we check signatures, and nothing else
    told = {name: value for name, value in published.items() if name not in {"key_ops", "d", "p", "q", "dp", "dq", "qi"}}
    try:
        return [JWKRegistry.import_key(told)]
    except (JoseError, ValueError, TypeError, KeyError):
        return []


async def about(client: Client, issuer: str) -> Mapping[str, Any]:
    """What ``issuer`` publishes about itself.

    Raises:
        KeysUnavailable: it does not answer. ValueError: that is no JSON object, or about somebody else.
    """
    said = await _document(client, issuer.rstrip("/") + DISCOVERY)
    if said.get("issuer") != issuer:
        raise ValueError(f"it says that it is {said.get('issuer')!r}")
    return said


def address(said: Mapping[str, Any], name: str, issuer: str) -> str:
    """The address that ``issuer`` ``said`` is its ``name``.

    Raises:
        ValueError: that is none by https.
    """
    where = said.get(name)
    if not isinstance(where, str) or not _is_safe(where, issuer):
        raise ValueError(f"its {name} is {where!r}; it has to be an https address")
    return where


async def _document(client: Client, url: str) -> Mapping[str, Any]:
    try:
        answer = await client.get(url, limits=_LIMITS)
    except SourceError as error:
        raise KeysUnavailable(str(error)) from error
    try:
        said = json.loads(answer.body)
    except RecursionError as error:
        raise ValueError(f"{url} is nested too deeply") from error
    if not isinstance(said, dict):
        raise ValueError(f"{url} has no JSON object")  # noqa: TRY004 - it is their value, not our type
    return said


def _is_safe(url: str, issuer: str) -> bool:
    """By https; or as the issuer itself, whom the settings trust on this machine without."""
    scheme = urlsplit(url).scheme
    return scheme == "https" or (scheme == "http" and urlsplit(issuer).scheme == "http")
