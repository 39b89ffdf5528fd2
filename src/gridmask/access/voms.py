"""VOMS: who somebody is in a VO, by attribute certificates in the proxies they show.

Such a certificate is no secret, and goes wherever a proxy goes. So it counts only for whoever came by the very certificate
that it is about, which takes the whole chain to see.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from gridmask.access.attribute_certificates import NotBelieved, parsed, split
from gridmask.access.leaf import WRONG
from gridmask.access.remembering import Remembered
from gridmask.access.signatures import require_signed

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from gridmask.access.attribute_certificates import AttributeCertificate
    from gridmask.access.identity import Claims
    from gridmask.access.leaf import Leaf
    from gridmask.access.voms_servers import Servers

log = structlog.get_logger()

LEEWAY = 60
"""Seconds by which the clock of a server may be ahead."""

REMEMBERED_FOR = 60
"""Seconds for which what was checked counts without being checked again."""

MOST_FQANS = 256
"""In an attribute certificate."""

_MOST_REMEMBERED = 1024
_AUTHORITY = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})://([A-Za-z0-9][A-Za-z0-9.-]{0,252}):[0-9]{1,5}")
_FQAN = re.compile(r"((?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){1,16})(/Role=[A-Za-z0-9][A-Za-z0-9._-]{0,99})?(?:/Capability=NULL)?")
_NO_ROLE = "/Role=NULL"


@dataclass(frozen=True, slots=True)
class Attributes:
    """What VOMS says of somebody.

    Attributes:
        vos: in which VOs they are.
        fqans: what they are there: ``/VO/GROUP``, or ``/VO/GROUP/Role=ROLE``. The first is the one they chose to work as.
        ends: seconds since the epoch from which some of that counts no more.
    """

    vos: tuple[str, ...] = ()
    fqans: tuple[str, ...] = ()
    ends: float = inf

    @property
    def claims(self) -> Claims:
        """The same, as rules look at it."""
        if not self.fqans:
            return {}
        return {"voms_vo": list(self.vos), "voms_fqan": list(self.fqans), "voms_primary": [self.fqans[0]]}


NONE = Attributes()


class Voms:
    """Believes attribute certificates of ``servers``, if they name no target, or one of ``names``: what we are called."""

    def __init__(self, servers: Servers, names: Iterable[str] = ()) -> None:
        self._servers = servers
        self._names = frozenset(name.lower() for name in names)
        self._known = Remembered[Attributes](_MOST_REMEMBERED)

    async def attributes(self, shown: Leaf, now: float) -> Attributes:
        """What VOMS says of who came with ``shown``. What is not to be believed is left out, and logged."""
        if not shown.attributes:
            return NONE
        own = shown.own.public_bytes(Encoding.DER) if shown.own else b""
        digest = sha256(sha256(own).digest() + shown.attributes).digest()
        if (known := self._known.at(digest, now)) is None:
            known = await asyncio.to_thread(self._checked, shown, now)
            self._known.keep(digest, min(now + REMEMBERED_FOR, known.ends), known)
        return known

    def _checked(self, shown: Leaf, now: float) -> Attributes:
        found = NONE
        with _remarking(shown):
            if shown.own is None:
                raise NotBelieved("they were shown to a server in front, which passes on the last certificate alone")
            for der in split(shown.attributes):
                with _remarking(shown):
                    found = _and(found, self._believed(parsed(der), shown.own, now))
        return found

    def _believed(self, said: AttributeCertificate, own: Certificate, now: float) -> Attributes:
        """What ``said`` says of who has the certificate ``own``.

        Raises:
            NotBelieved: nothing that counts.
        """
        vo, host = _authority(said)
        fqans = _fqans(said, vo)
        _require_current(said, now)
        _require_about(said, own)
        self._require_for_us(said)
        signer = said.certificates[0]
        if said.issuer != signer.subject.public_bytes():
            raise NotBelieved("it is not of whose certificate comes with it")
        self._servers.require(vo, host, said.certificates, datetime.fromtimestamp(now, UTC))
        require_signed(said, signer)
        return Attributes((vo,), fqans, said.ends)

    def _require_for_us(self, said: AttributeCertificate) -> None:
        if said.targets is not None and not any(_host(target) in self._names for target in said.targets):
            raise NotBelieved("it is meant for other servers; name this one in access.hosts if that is wrong")


def _and(one: Attributes, other: Attributes) -> Attributes:
    vos, fqans = dict.fromkeys(one.vos + other.vos), dict.fromkeys(one.fqans + other.fqans)
    return Attributes(tuple(vos), tuple(fqans), min(one.ends, other.ends))


def _authority(said: AttributeCertificate) -> tuple[str, str]:
    """The VO, and the host of its server."""
    found = _AUTHORITY.fullmatch(said.authority)
    if found is None:
        raise NotBelieved("it does not tell which VO it is about")
    return found[1], found[2]


def _fqans(said: AttributeCertificate, vo: str) -> tuple[str, ...]:
    """What it says that somebody is, without what says nothing."""
    found = [_FQAN.fullmatch(fqan) for fqan in said.fqans[: MOST_FQANS + 1]]
    if not 0 < len(found) <= MOST_FQANS:
        raise NotBelieved(f"it has no attributes, or more than {MOST_FQANS}")
    names = tuple(each[1] + (each[2] or "").removesuffix(_NO_ROLE) for each in found if each)
    # no server has a say about another VO
    if len(names) != len(found) or not all(name.split("/")[1] == vo for name in names):
        raise NotBelieved(f"it has attributes that are none of {vo}")
    return names


def _require_current(said: AttributeCertificate, now: float) -> None:
    if not said.begins - LEEWAY <= now < said.ends:
        raise NotBelieved("it expired, or does not count yet")


def _require_about(said: AttributeCertificate, own: Certificate) -> None:
    """Check that ``own`` is the certificate that it goes with."""
    names = {own.issuer.public_bytes(), own.subject.public_bytes()}
    if said.serial != own.serial_number or said.holder not in names:
        raise NotBelieved("it is about somebody else, or about another certificate")


def _host(target: str) -> str:
    try:
        return urlsplit(target if "://" in target else f"//{target}").hostname or ""
    except ValueError:
        return ""


@contextmanager
def _remarking(shown: Leaf) -> Iterator[None]:
    try:
        yield
    except NotBelieved as why:
        log.info("attributes of VOMS do not count", owner=shown.standing.owner, problem=str(why))
    except (*WRONG, UnsupportedAlgorithm):
        log.info("attributes of VOMS do not count", owner=shown.standing.owner, problem="a certificate in them is malformed")
