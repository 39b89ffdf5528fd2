"""The settings of an installation: one TOML file, ``gridmask.toml``.

What must not stand in a file that is kept in git comes from the environment: ``GRIDMASK_DATABASE`` replaces ``database``.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from gridmask.access.identity import OF_CERTIFICATES, OF_SERVICE_TOKENS
from gridmask.access.settings import Access, Certificate, Issuer, Limits
from gridmask.actions.feed.settings import Feed
from gridmask.actions.fts3.settings import Fts3
from gridmask.actions.notify.settings import Address, MailTable, Notifications, Notify, check_addresses
from gridmask.actions.rucio.settings import Rucio
from gridmask.actions.settings import Action, Delivery, Webhook
from gridmask.collectors.alertmanager.settings import Receiver
from gridmask.documents import Period, SizeText, Strict, parse, validated
from gridmask.domain.element import RESOURCE, WHOLE, ElementType, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest
from gridmask.domain.quantities import Size
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import ALL, VoRegistry, canonical
from gridmask.engine import BROKER_VARIABLE, Engine
from gridmask.probes.settings import Probe, Probes
from gridmask.source import Source

Table = TypeVar("Table", bound=Strict)


DATABASE_VARIABLE = "GRIDMASK_DATABASE"
REDIS_VARIABLE = "GRIDMASK_REDIS"


class Server(Strict):
    """``[server]``: where the HTTP server listens."""

    host: str = Field(
        "127.0.0.1", description="The address to bind to. Without authentication only a loopback address is accepted."
    )
    port: int = Field(8000, ge=0, le=65535, description="The port to bind to; 0 takes a free one.")
    certificate: Path | None = Field(
        None, description="A PEM file with the server's certificate and its chain: it speaks TLS itself then."
    )
    key: Path | None = Field(None, description="A PEM file with its private key, where that is not in the certificate's file.")
    client_ca: Path | None = Field(
        None,
        description="Whose certificates clients may show, and proxies of them: a folder of hashed files, as "
        "`/etc/grid-security/certificates`, or one file. Without it they are asked for none.",
    )
    client_crls: bool = Field(
        default=True,
        description="Whether each authority must tell what it revoked: in `HASH.r0` of that folder, which `fetch-crl` brings, "
        "or in that file. Who does not vouches for nobody.",
    )
    redis: str = Field(
        "",
        description="A Redis by which several processes have each other know of commits at once: `redis://HOST:PORT`, or "
        f"`rediss://` by TLS. A password belongs in `redis_password_file`, or in `{REDIS_VARIABLE}`, which replaces this.",
        repr=False,
    )
    redis_password_file: Path | None = Field(None, description="A file with its password, read anew at each connection.")
    redis_ca_file: Path | None = Field(None, description="A file of certificate authorities to trust for it, not the system's.")

    @field_validator("redis")
    @classmethod
    def _a_redis(cls, url: str) -> str:
        if url and not re.match(r"rediss?://[^/?#]", url):
            raise ValueError("must be redis://HOST:PORT, or rediss://HOST:PORT for TLS")
        return url

    @field_validator("client_ca")
    @classmethod
    def _over_tls(cls, authorities: Path | None, info: ValidationInfo) -> Path | None:
        if authorities and not info.data.get("certificate"):
            raise ValueError("certificates are shown over TLS: that takes a server.certificate")
        return authorities


class Loop(Strict):
    """``[loop]``: the autonomic loop."""

    sweep: Period = Field(timedelta(hours=1), description="How often every row is checked, whether or not anything happened.")
    batch: int = Field(2000, ge=1, description="How many elements a sweep evaluates in one transaction.")


class Connections(Strict):
    """``[connections]``: those of this process to the database."""

    most: int = Field(10, ge=2, le=1000, description="How many there are at most.")
    wait: Period = Field(timedelta(seconds=5), description="How long a request waits for one of them to become free.")


class Retention(Strict):
    """``[retention]``: how long what need not be kept for ever is kept."""

    sweeps: Period = Field(timedelta(days=90), description="The marks of sweeps.")
    decisions: Period = Field(
        timedelta(days=400), description="Decisions that changed no status; the last one of each row is kept."
    )
    outbox: Period = Field(timedelta(days=7), description="What the outside was told.")
    measurements: Period = Field(timedelta(days=7), description="Measurements, from when they stopped to count.")
    snapshots: Period = Field(
        timedelta(days=400), description="All rungs of the ladder to the past; of before, about every fourth is kept."
    )
    answers: Period = Field(
        timedelta(days=1), description="What was answered to a request with an `Idempotency-Key`, to be repeated."
    )
    dead_letters: Period = Field(timedelta(days=90), description="What actions could not tell, and gave up.")
    dirac_records: Period = Field(
        timedelta(days=30), description="What clients of DIRAC keep in its caches, from when it was last written."
    )


class Recording(Strict):
    """``[recording]``: whether and for how long what happens is kept as it came, so that it can happen again."""

    enabled: bool = Field(default=True, description="Whether anything is recorded.")
    kept: Period = Field(timedelta(days=90), description="How far back at least it can happen again.")
    worlds: Period = Field(
        timedelta(days=1), description="How often it is written down how everything stands: where a replay can begin."
    )
    at_most: SizeText = Field(
        Size(4_000_000_000),
        description="How much may be kept in all; of more, the oldest is dropped before its time.",
    )


class Logs(Strict):
    """``[logs]``: what ``gridmask serve``, and its workers, log."""

    format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="An object of JSON a line (`json`), lines for people (`text`), or the one or the other by where they go.",
    )
    people: bool = Field(default=True, description="Whether logs tell who did something, and from which address.")


class Tracing(Strict):
    """``[tracing]``: traces of requests, answers of sources, and what they lead to."""

    enabled: bool = Field(
        default=False, description="Whether they are sent, to where the variables `OTEL_...` say; that takes `gridmask[otel]`."
    )


class Http(Strict):
    """``[http]``: limits on what sources answer."""

    timeout: Period = Field(timedelta(seconds=60), description="How long a source may take to answer as a whole.")
    max_bytes: int = Field(64 * 2**20, ge=1, description="How long an answer may be, in bytes, once unpacked.")
    attempts: int = Field(
        3, ge=1, le=10, description="How often a failing request is tried before the attempt counts as failed."
    )
    ca_bundle: Path | None = Field(
        None, description="A file, or a folder of hashed files, of certificate authorities to trust instead of the system's."
    )
    per_host: int = Field(4, ge=1, le=100, description="How many questions one host is asked at once.")
    proxies: bool = Field(
        default=False,
        description="Whether sources are asked through the proxies of the environment (`HTTPS_PROXY`...).",
    )


class DiracRpc(Strict):
    """``[dirac_rpc]``: the door for clients of DIRAC."""

    enabled: bool = Field(default=False, description="Whether clients of DIRAC are answered, where they look for its services.")
    own_view: bool = Field(
        default=True,
        description="Whether a client that asks for the rows of `all` gets what its own VO would get, as DIRAC documents it; "
        "else it gets the rows of `all`, whosever it is.",
    )
    declare_unknown: bool = Field(
        default=False,
        description="Whether an administrator's client may bring in elements, types and status types that nobody knows of, by "
        "writing them; else that is an error.",
    )


class DiracXRest(Strict):
    """``[diracx_rest]``: the door for clients of DiracX."""

    enabled: bool = Field(default=False, description="Whether clients of DiracX are answered, at its routes `/api/rss/...`.")
    vo: str = Field(
        "", description="Whose mask those get whose token names no VO, or several, and who do not ask for one; empty: none."
    )


class Vo(Strict):
    """``[vo.NAME]``: a Virtual Organisation."""

    aliases: frozenset[str] = Field(frozenset(), description="Other names it goes by. Case never matters.")
    policies: Literal["file", "api"] = Field(
        "file", description="Where its policies are kept: in `vo/NAME.toml` (`file`), or by the API (`api`); never in both."
    )


class Type(Strict):
    """``[type."NAME"]``: an element type of this installation."""

    family: Literal["Site", "Resource", "Node"] = Field(RESOURCE, description="`Site`, `Resource` or `Node`.")
    category: str = Field("other", description="What kind of service it is: `computing`, `storage`...")
    status_types: tuple[str, ...] = Field((WHOLE,), min_length=1, description="Its aspects with a status of their own.")


class Settings(Strict):
    """The whole file."""

    database: str = Field(
        "sqlite:///gridmask.db",
        description="The database: `sqlite:///PATH`, `mysql://USER@HOST/NAME`, `postgresql://USER@HOST/NAME`, or `ephemeral`. "
        f"A password belongs in `{DATABASE_VARIABLE}`, which replaces this.",
        repr=False,
    )
    policies: Path | None = Field(
        None, description="The directory of policy files. Without it, declared downtimes are followed."
    )
    server: Server = Server()
    access: Access | None = None
    limits: Limits = Limits()
    issuer: tuple[Issuer, ...] = ()
    certificate: Certificate | None = None
    loop: Loop = Loop()
    engine: Engine = Engine()
    retention: Retention = Retention()
    recording: Recording = Recording()
    logs: Logs = Logs()
    tracing: Tracing = Tracing()
    http: Http = Http()
    dirac_rpc: DiracRpc = DiracRpc()
    diracx_rest: DiracXRest = DiracXRest()
    connections: Connections = Connections()
    delivery: Delivery = Delivery()
    mail: MailTable | None = None
    notifications: Notifications = Notifications()
    address: dict[str, Address] = Field({}, description="Ways to tell people, by name.")
    notify: tuple[Notify, ...] = ()
    source: tuple[Source, ...] = ()
    receiver: tuple[Receiver, ...] = ()
    probe: tuple[Probe, ...] = ()
    probes: Probes = Probes()
    vo: dict[str, Vo] = Field({}, description="The VOs, by name; those that inventories bring need not be named.")
    type: dict[str, Type] = Field({}, description="Element types of this installation, by name.")
    webhook: tuple[Webhook, ...] = ()
    action: tuple[Action, ...] = ()
    rucio: tuple[Rucio, ...] = ()
    fts3: tuple[Fts3, ...] = ()
    feed: tuple[Feed, ...] = ()

    @field_validator("vo")
    @classmethod
    def _canonical_vos(cls, vos: dict[str, Vo]) -> dict[str, Vo]:
        try:
            called = [{canonical(name), *map(canonical, vo.aliases)} for name, vo in vos.items()]
        except InvalidRequest as error:
            raise ValueError(str(error)) from error
        names = [name for those in called for name in those]
        if ALL in names:
            raise ValueError(f"{ALL!r} stands for everyone and can name no VO")
        if twice := _repeated(names):
            raise ValueError(f"{', '.join(twice)} would name more than one VO")
        return {canonical(name): vo for name, vo in vos.items()}

    @field_validator("source")
    @classmethod
    def _distinct_sources(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [source.name for source in sources]
        if twice := _repeated(names):
            raise ValueError(f"{', '.join(twice)} is declared more than once")
        for source in sources:
            for covered in sorted(source.covers - set(names)):
                near = suggest(covered, names)
                hint = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(names))}"
                raise ValueError(f"{source.name} covers {covered!r}, which is no source; {hint}")
        return sources

    @field_validator("receiver")
    @classmethod
    def _distinct_receivers(cls, receivers: tuple[Receiver, ...], info: ValidationInfo) -> tuple[Receiver, ...]:
        sources = [source.name for source in info.data.get("source", ())]
        if twice := _repeated([*sources, *(receiver.name for receiver in receivers)]):
            raise ValueError(f"{', '.join(twice)} is declared more than once, as a receiver or a source")
        return receivers

    @field_validator("notify")
    @classmethod
    def _within_reach(cls, tables: tuple[Notify, ...], info: ValidationInfo) -> tuple[Notify, ...]:
        if twice := _repeated([table.name for table in tables]):
            raise ValueError(f"{', '.join(twice)} is declared more than once")
        check_addresses(tables, info.data.get("address", {}), info.data.get("mail"))
        return tables

    @field_validator("issuer")
    @classmethod
    def _distinct_issuers(cls, issuers: tuple[Issuer, ...], info: ValidationInfo) -> tuple[Issuer, ...]:
        for what in ("name", "url"):
            if twice := _repeated([getattr(issuer, what) for issuer in issuers]):
                raise ValueError(f"{', '.join(twice)} is declared more than once")
        access: Access | None = info.data.get("access")
        if issuers and access is None:
            raise ValueError("without [access] nobody is asked for a token; write that table, if only its name")
        if access is not None and not access.url and any(issuer.client_id for issuer in issuers):
            raise ValueError("with a client_id people log in to the portal: say where that is, as access.url")
        if any(issuer.name == OF_CERTIFICATES for issuer in issuers):
            raise ValueError(f"{OF_CERTIFICATES!r} ends the names of those whom certificates name; take another name")
        if any(issuer.name == OF_SERVICE_TOKENS for issuer in issuers):
            raise ValueError(f"{OF_SERVICE_TOKENS!r} ends the names of those who show service tokens; take another name")
        return issuers

    @field_validator("certificate")
    @classmethod
    def _passed_on(cls, certificate: Certificate | None, info: ValidationInfo) -> Certificate | None:
        access: Access | None = info.data.get("access")
        server: Server | None = info.data.get("server")
        authorities = server.client_ca if server else None
        if certificate is None:
            return None
        if access is None or not (access.proxies or authorities):
            raise ValueError(
                "nobody checks certificates: set server.client_ca for that, or name the address of a proxy in front that does "
                "in access.proxies; either needs [access]"
            )
        if certificate.voms and not authorities:
            raise ValueError("attributes of VOMS are looked at where the whole chain is seen: that takes server.client_ca")
        return certificate

    def vo_registry(self) -> VoRegistry:
        """The declared VOs."""
        aliases = {canonical(alias): name for name, vo in self.vo.items() for alias in vo.aliases}
        return VoRegistry(frozenset(self.vo), aliases)

    def managed_by_api(self) -> frozenset[str]:
        """The VOs that keep their policies by the API, and have no file of them."""
        return frozenset(name for name, vo in self.vo.items() if vo.policies == "api")

    def types(self) -> TypeRegistry:
        """The built-in element types, and the declared ones."""
        declared = (ElementType(n, t.family, t.category, t.status_types) for n, t in self.type.items())
        return TypeRegistry().with_types(*declared)


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def load(path: Path | None, environment: dict[str, str] | None = None) -> Settings:
    """The settings in the file at ``path``; None: the defaults. Relative paths in it count from its folder.

    Raises:
        InvalidConfiguration: the file is not there, or something in it is wrong.
    """
    given = os.environ if environment is None else environment
    data: dict[str, Any] = _read(path) if path else {}
    if given.get(DATABASE_VARIABLE):
        data["database"] = given[DATABASE_VARIABLE]
    if given.get(BROKER_VARIABLE) and isinstance(engine := data.setdefault("engine", {}), dict):
        engine["broker"] = given[BROKER_VARIABLE]
    if given.get(REDIS_VARIABLE) and isinstance(server := data.setdefault("server", {}), dict):
        server["redis"] = given[REDIS_VARIABLE]
    settings = validated(Settings, data, str(path or "settings"))
    return _anchored(settings, path.resolve().parent) if path else settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise InvalidConfiguration(str(path), error.strerror or "cannot be read") from error


def _anchored(settings: Settings, folder: Path) -> Settings:
    sources = tuple(_source_anchored(source, folder) for source in settings.source)
    policies = folder / settings.policies if settings.policies else None
    http = _paths_anchored(settings.http, folder, "ca_bundle")
    server = _paths_anchored(settings.server, folder, "certificate", "key", "client_ca", "redis_password_file", "redis_ca_file")
    access = _paths_anchored(settings.access, folder, "session_key_file", "proxy_secret_file") if settings.access else None
    issuers = tuple(_paths_anchored(issuer, folder, "client_secret_file") for issuer in settings.issuer)
    certificate = settings.certificate and _paths_anchored(settings.certificate, folder, "registry", "voms")
    database = settings.database
    if database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
        database = f"sqlite:///{folder / database.removeprefix('sqlite:///')}"
    probes = tuple(probe.anchored(folder) for probe in settings.probe)
    known = {"probe": probes, "access": access, "issuer": issuers, "certificate": certificate}
    told = {
        "mail": settings.mail and _paths_anchored(settings.mail, folder, "password_file", "ca_file"),
        "notifications": _paths_anchored(settings.notifications, folder, "templates"),
        "address": {name: _paths_anchored(table, folder, "url_file") for name, table in settings.address.items()},
        "webhook": tuple(_paths_anchored(table, folder, "secret_file", "ca_file") for table in settings.webhook),
        "rucio": tuple(_paths_anchored(table, folder, "token_file", "password_file", "ca_file") for table in settings.rucio),
        "fts3": tuple(_paths_anchored(table, folder, "certificate", "key", "token_file", "ca_file") for table in settings.fts3),
        "feed": tuple(_paths_anchored(table, folder, "file", "token_file", "ca_file") for table in settings.feed),
    }
    read = {"source": sources, "policies": policies, "http": http, "server": server, "database": database}
    return settings.model_copy(update={**known, **told, **read})


def _source_anchored(source: Source, folder: Path) -> Source:
    located = source.model_copy(update={"url": locate(source.url, folder)})
    return _paths_anchored(located, folder, "certificate", "key", "token_file")


def _paths_anchored(table: Table, folder: Path, *names: str) -> Table:
    given = {name: path for name in names if (path := getattr(table, name))}
    return table.model_copy(update={name: folder / path for name, path in given.items()}) if given else table


def locate(url: str, folder: Path) -> str:
    """``url``, or the file URL of the path that it is, seen from ``folder``."""
    return url if "://" in url else (folder / url).resolve().as_uri()
