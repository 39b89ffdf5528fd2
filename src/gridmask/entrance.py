"""How people come in, put together from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from gridmask.access.bearer import Bearers, Issuer
from gridmask.access.certificates import Certificates, Delegated, Terms
from gridmask.access.doorkeeper import Doorkeeper
from gridmask.access.forwarding import Forwarding, secrets_in
from gridmask.access.logins import Logins, Party
from gridmask.access.opaque import ServiceTokens
from gridmask.access.redeeming import Registration
from gridmask.access.registry_file import RegistryFile
from gridmask.access.registry_file import load as load_registry
from gridmask.access.sealing import Seals, keys_in
from gridmask.access.sessions import Sessions
from gridmask.access.voms import Voms
from gridmask.access.voms_servers import Servers
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http.files import is_everybodys

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.access.bearer import Registry
    from gridmask.access.opaque import Find
    from gridmask.access.settings import Issuer as Said
    from gridmask.clock import Clock
    from gridmask.http import Client
    from gridmask.service.vos import Vos
    from gridmask.settings import Settings

log = structlog.get_logger()


def issuer(said: Said) -> Issuer:
    """An issuer, as the settings have it."""
    return Issuer(said.name, said.url, said.audience, said.name_claim, tuple(grant.rule() for grant in said.grant))


def forwarding(settings: Settings) -> Forwarding:
    """Which proxies are believed.

    Raises:
        InvalidConfiguration: the file with what they know cannot be used.
    """
    access = settings.access
    if access is None:
        return Forwarding()
    _remark("access.proxy_secret_file", access.proxy_secret_file)
    return Forwarding(access.proxies, secrets_in(access.proxy_secret_file) if access.proxy_secret_file else ())


def voms(settings: Settings) -> Voms | None:
    """Which servers of VOMS are believed; None: none is.

    Raises:
        InvalidConfiguration: the folder that names them has none.
    """
    folder = settings.certificate.voms if settings.certificate else None
    server, access = settings.server, settings.access
    if folder is None or server.client_ca is None:
        return None
    if not any(folder.glob("*/*.lsc")):
        raise InvalidConfiguration("certificate.voms", f"{folder} has no VO/HOST.lsc")
    names = {*access.hosts, urlsplit(access.url).hostname or ""} - {""} if access else ()
    return Voms(Servers(folder, server.client_ca, server.client_crls), names)


def check(settings: Settings) -> None:
    """Whether what the settings say of people is there.

    Raises:
        InvalidConfiguration: the registry cannot be read.
    """
    if settings.certificate and settings.certificate.registry:
        load_registry(settings.certificate.registry)


def doorkeeper(settings: Settings, client: Client, clock: Clock, vos: Vos, tokens: Find, entering: Logins | None) -> Doorkeeper:
    """Who comes in, and as whom: by ``tokens`` of our own, those of issuers, certificates, and sessions of who logged in.

    Raises:
        InvalidConfiguration: a file that the settings name cannot be used.
    """
    checks = (ServiceTokens(tokens, clock), Bearers(map(issuer, settings.issuer), client, clock, vos.registry))
    sessions = entering.sessions if entering else None
    # whose token it is, is remembered for minutes; whose certificate, found out each time
    certificates = _certificates(settings, clock, vos.known)
    return Doorkeeper(settings.access.reading if settings.access else None, checks, certificates, sessions)


def _certificates(settings: Settings, clock: Clock, registry: Registry) -> Certificates | None:
    said = settings.certificate
    if said is None:
        return None
    terms = Terms(tuple(grant.rule() for grant in said.grant), Delegated(said.delegated))
    people = RegistryFile(said.registry).current if said.registry else None
    return Certificates(terms, registry, clock, people, voms(settings))


def logins(settings: Settings, client: Client, clock: Clock, registry: Registry) -> Logins | None:
    """How people log in; None if they cannot.

    Raises:
        InvalidConfiguration: a file with a key or a secret cannot be used.
    """
    parties = [Party(issuer(said), _registration(said)) for said in settings.issuer if said.client_id]
    access = settings.access
    if access is None or not parties:
        return None
    key_file = access.session_key_file
    _remark("access.session_key_file", key_file)
    seals = Seals(keys_in(key_file) if key_file else ())
    sessions = Sessions(seals, [party.issuer for party in parties], access.session, clock)
    return Logins(parties, access.url, sessions, client=client, clock=clock, registry=registry)


def _registration(said: Said) -> Registration:
    made = Registration(said.client_id, said.client_secret_file, said.scopes, said.userinfo)
    made.secret()  # one that cannot be read is told now, and not to the first who logs in
    _remark("issuer.client_secret_file", said.client_secret_file)
    return made


def _remark(option: str, path: Path | None) -> None:
    if path is not None and is_everybodys(path):
        log.warning("a secret can be read by everybody on this machine", option=option, file=str(path))
