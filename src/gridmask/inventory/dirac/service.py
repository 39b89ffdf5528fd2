"""DIRAC's live Configuration service: the same text as in the files, packed, and only where it is a newer one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.dirac_calls import call, check_address, value_of
from gridmask.domain.errors import MalformedAnswer, TooLarge
from gridmask.http import Answer, Gathered, NotModified, Validators, redacted
from gridmask.inventory.dirac.address import with_path

if TYPE_CHECKING:
    from gridmask.http import Access, Client

PATH = "/Configuration/Server"
NOTHING_YET = "0"
"""The version that who has none says to have."""

_LONGEST_VERSION = 64


async def gather(client: Client, url: str, access: Access, known: Validators | None) -> Gathered | NotModified:
    """The configuration at ``url``, or the word that the version in ``known`` is still the newest.

    Raises:
        FetchFailed: the service could not be asked, or it refuses to tell; ``TooLarge`` where what it tells is too long.
        MalformedAnswer: what it tells is not in the form that DIRAC's own clients read.
        InvalidConfiguration: it cannot be asked for, or not with this access.
    """
    service = _Service(client, address(url), access)
    version = (known.etag if known else None) or NOTHING_YET
    answer, reply = await service.ask(version)
    elapsed = answer.provenance.elapsed
    if reply.data is None and reply.version != version:  # it went back to an older one, and compares only which is newer
        answer, reply = await service.ask(NOTHING_YET)
        elapsed += answer.provenance.elapsed
    validators = Validators(etag=reply.version)
    if reply.data is not None:
        return _gathered(answer, unpacked(reply.data, service.url, client.limits.max_bytes), validators, elapsed)
    if version == NOTHING_YET or reply.version != version:
        raise MalformedAnswer(redacted(service.url), "the service has no configuration to give")
    return NotModified(answer.provenance.url, answer.provenance.fetched_at, validators, elapsed)


def address(url: str) -> str:
    """``url`` with the path that the service has in every installation, unless it has a path of its own.

    Raises:
        InvalidConfiguration: it is an address of DIRAC's older protocol, or a file.
    """
    check_address(url, "dirac-cfg")
    return with_path(url, PATH)


def unpacked(data: str, url: str, limit: int) -> bytes:
    """The text that is packed in ``data``, of at most ``limit`` bytes.

    Raises:
        TooLarge: it is longer.
        MalformedAnswer: it is not packed as it should be.
    """
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(base64.b64decode(data, validate=True), limit + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise MalformedAnswer(redacted(url), f"the configuration is not packed as it should be: {error}") from error
    if len(text) > limit:
        raise TooLarge(redacted(url), limit)
    if not stream.eof:
        raise MalformedAnswer(redacted(url), "the packed configuration ends early")
    return text


@dataclass(frozen=True, slots=True)
class _Reply:
    """What the service says: its version, and where that is a newer one, the packed text."""

    version: str
    data: str | None


@dataclass(frozen=True, slots=True)
class _Service:
    client: Client
    url: str
    access: Access

    async def ask(self, version: str) -> tuple[Answer, _Reply]:
        answer = await call(self.client, self.url, self.access, "getCompressedDataIfNewer", version)
        return answer, _reply(answer)


def _reply(answer: Answer) -> _Reply:
    url = answer.provenance.url
    value = value_of(answer.body, url, "a Configuration service")
    version, data = (value.get("newestVersion"), value.get("data")) if isinstance(value, dict) else (None, None)
    if not isinstance(version, str) or not _is_version(version) or not isinstance(data, str | None):
        raise MalformedAnswer(url, "does not tell a version, and a text where that is a newer one")
    return _Reply(version, data)


def _is_version(said: str) -> bool:
    return 0 < len(said) <= _LONGEST_VERSION and said.isascii() and said.isprintable()


def _gathered(answer: Answer, text: bytes, validators: Validators, elapsed: timedelta) -> Gathered:
    sha256 = hashlib.sha256(text).hexdigest()
    told = replace(answer.provenance, sha256=sha256, size=len(text), validators=validators, elapsed=elapsed)
    return Gathered((text,), told)
