"""The tables of the settings that say who may come in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, IPvAnyNetwork, ValidationInfo, field_validator, model_validator

from gridmask.access.granting import GrantRule
from gridmask.access.identity import CLAIMS_OF_CERTIFICATES, CLAIMS_OF_DIRAC, CLAIMS_OF_VOMS
from gridmask.documents import Period, Strict
from gridmask.domain import rights
from gridmask.domain.rights import Role
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import canonical
from gridmask.loopback import is_loopback


def _some_rate(rate: float) -> float:
    if 0 < rate < _SLOWEST:
        raise ValueError(f"less than {_SLOWEST:g} in a second is next to nothing; 0 is no limit")
    return rate


_SLOWEST = 0.001
_MOST_AT_ONCE = 1_000_000
Rate = Annotated[float, Field(ge=0, le=_MOST_AT_ONCE, allow_inf_nan=False), AfterValidator(_some_rate)]
Burst = Annotated[int, Field(ge=1, le=_MOST_AT_ONCE)]
Number = Annotated[int, Field(ge=1, le=_MOST_AT_ONCE)]


def _as_browsers_write(origin: str) -> str:
    if origin != "*" and not re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", origin):
        raise ValueError("is no origin: a scheme and a host in lower case and nothing else; or '*' for any")
    return origin


PageOrigin = Annotated[str, AfterValidator(_as_browsers_write)]
"""Whence a page is."""


def _safe(url: str) -> str:
    """By https; or on this machine, where there is nobody in between."""
    parts = urlsplit(url)
    if (parts.scheme == "https" and parts.hostname) or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return url
    raise ValueError("must be an https address; http is for this machine alone")


class Access(Strict):
    """``[access]``: who may come in. Without it, only this machine is let in, and may do everything."""

    reading: Literal["public", "authenticated", "vo"] = Field(
        "authenticated",
        description="Who may read: `public`, everybody; `authenticated`, whoever proves who they are; "
        "`vo`, only who was granted it, and of these VOs alone.",
    )
    hosts: frozenset[str] = Field(
        frozenset(),
        description="The names under which the server is asked for, without ports; others are refused. Empty: any.",
    )
    proxies: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Addresses or networks of the proxies in front, whose word is taken for who asks, and from where."
    )
    proxy_secret_file: Path | None = Field(
        None,
        description="A file with a secret that only these proxies know, of 32 characters or more, and send as "
        "`Gridmask-Proxy-Secret`; of several, a line each, any counts. With it, an address alone is not believed.",
    )
    origins: frozenset[PageOrigin] = Field(
        frozenset(),
        description="Origins of pages from elsewhere that may read, as in `https://monitor.example.org`; `*` is any.",
    )
    url: str = Field(
        "", description="Where people find the portal, as in `https://rss.example.org`; needed for them to log in."
    )
    session: Period = Field(
        timedelta(hours=8), le=timedelta(days=1), description="How long who logged in need not do so again."
    )
    session_key_file: Path | None = Field(
        None,
        description="A file with a key for sessions, made by `openssl rand -base64 32`; of several, a line each, the first is "
        "used and the others still count. Without it a restart ends all sessions.",
    )

    @field_validator("proxy_secret_file")
    @classmethod
    def _of_proxies(cls, secret: Path | None, info: ValidationInfo) -> Path | None:
        if secret and not info.data.get("proxies"):
            raise ValueError("a secret is of no use without 'proxies' that know it")
        return secret

    @field_validator("url")
    @classmethod
    def _of_this_server(cls, url: str, info: ValidationInfo) -> str:
        if not url:
            return url
        parts, hosts = urlsplit(_safe(url)), info.data.get("hosts")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
            raise ValueError("must be a scheme, a name and perhaps a port, and nothing more")
        if hosts and parts.hostname not in hosts and not is_loopback(parts.hostname or ""):
            raise ValueError(f"'hosts' lacks {parts.hostname!r}: the server would refuse who looks for it there")
        default = {"https": ":443", "http": ":80"}[parts.scheme]
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}"


class Limits(Strict):
    """``[limits]``: how much somebody may ask for. How often counts only where it is asked who it is, by ``[access]``."""

    rate: Rate = Field(50, description="Requests in a second that whoever is known may make, in the long run.")
    burst: Burst = Field(1000, description="How many of them may come at once.")
    strangers_rate: Rate = Field(
        10,
        description="Likewise, those that come from one address and prove nobody: what they show is none, or no proof.",
    )
    strangers_burst: Burst = Field(300, description="How many of these may come at once.")
    body: Period = Field(timedelta(seconds=30), description="How long the body of a request may take to arrive.")
    connections: Number = Field(
        15_000, description="Connections that may be open at once; no more than the process may have files open, less 256."
    )
    connections_each: Number = Field(
        2_000,
        description="How many of them may come from one address, other than this machine's and those of `access.proxies`.",
    )
    streams: Number = Field(10_000, description="Streams that may be open at once.")
    streams_each: Number = Field(
        2_000, description="How many of them may be one actor's, or, of those that prove nobody, come from one address."
    )


class Grant(Strict):
    """``[[issuer.grant]]``: what those are granted whom the issuer vouches for."""

    role: Role = Field(description="`reader`, `reporter`, `operator`, `author` or `administrator`.")
    vo: str = Field(
        description="The VO, or `all`. `{CLAIM}` stands for what that claim says, and `{1}` for what the first star stood for."
    )
    when: dict[str, tuple[str, ...]] = Field(
        {}, description="By claim, patterns of which one must agree with a value of it; `*` stands for anything. Empty: always."
    )

    @field_validator("when", mode="before")
    @classmethod
    def _one_or_many(cls, when: object) -> object:
        if not isinstance(when, dict):
            return when
        return {claim: (patterns,) if isinstance(patterns, str) else patterns for claim, patterns in when.items()}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        rule = self.rule()
        if rule.is_fixed:
            grant = rights.Grant(self.role, canonical(self.vo))
            if not grant.makes_sense:
                raise ValueError(f"nobody can be {grant}: {rights.IMPOSSIBLE}")
        elif self.role is Role.ADMINISTRATOR:
            raise ValueError("what a claim says makes nobody an administrator: write 'all'")
        rule.check()
        return self

    def rule(self) -> GrantRule:
        """The same, as it is applied."""
        return GrantRule(self.role, self.vo, self.when)


class Issuer(Strict):
    """``[[issuer]]``: somebody whose tokens count, by OpenID Connect."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", description="What it is called here.")
    url: str = Field(description="Its URL, to the letter as its tokens have it in `iss`.")
    audience: frozenset[str] = Field(
        frozenset(), description="Of which a token must name one in `aud`. Empty: its tokens must name nobody."
    )
    name_claim: str = Field("sub", min_length=1, description="The claim that tells people apart; it must never be given twice.")
    client_id: str = Field(
        "", description="As what it knows this server, for people to log in to the portal by it. Empty: none can."
    )
    client_secret_file: Path | None = Field(
        None, description="A file with the secret that it gave this server, read anew each time; none for a public client."
    )
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="What it is asked to tell of who logs in.")
    userinfo: bool = Field(default=False, description="Whether it is asked for what its ID tokens do not tell (`userinfo`).")
    grant: tuple[Grant, ...] = Field((), description="What those are granted whom it vouches for; see below.")

    @field_validator("url")
    @classmethod
    def _trustworthy(cls, url: str) -> str:
        return _safe(url)

    @field_validator("client_secret_file")
    @classmethod
    def _of_a_client(cls, secret: Path | None, info: ValidationInfo) -> Path | None:
        if secret and not info.data.get("client_id"):
            raise ValueError("a secret is of no use without a client_id")
        return secret

    @field_validator("scopes")
    @classmethod
    def _asking_who(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            raise ValueError("must have 'openid': without it nobody is told who somebody is")
        return scopes


class Certificate(Strict):
    """``[certificate]``: certificates of people and hosts, and their proxies, shown here or to a server in front."""

    registry: Path | None = Field(
        None,
        description="A file with DIRAC's configuration. Its registry tells who has which certificate and is in which group.",
    )
    delegated: Literal["refuse", "read", "act"] = Field(
        "read",
        description="What proxies of proxies may do: nothing (`refuse`), only `read`, or all that their owner may (`act`). Of "
        "those shown here, `read` leaves what they may do: all proxies before them are seen.",
    )
    voms: Path | None = Field(
        None,
        description="A folder with `VO/HOST.lsc` of each server of VOMS that is believed, as `/etc/grid-security/vomsdir`. "
        "Needs `server.client_ca`. Without it, attributes of VOMS count for nothing.",
    )
    grant: tuple[Grant, ...] = Field((), description="What those are granted who show one; as `[[issuer.grant]]`.")

    @field_validator("grant")
    @classmethod
    def _about_what_is_claimed(cls, grants: tuple[Grant, ...], info: ValidationInfo) -> tuple[Grant, ...]:
        known = CLAIMS_OF_CERTIFICATES + (CLAIMS_OF_DIRAC if info.data.get("registry") else ())
        known += CLAIMS_OF_VOMS if info.data.get("voms") else ()
        for claim in (claim for grant in grants for claim in grant.when if claim not in known):
            near = suggest(claim, known)
            needed = "registry" if claim in CLAIMS_OF_DIRAC else "voms" if claim in CLAIMS_OF_VOMS else ""
            more = f", and others with a {needed!r}" if needed else ""
            hint = f"did you mean {near!r}?" if near and not more else f"there are {', '.join(known)}{more}"
            raise ValueError(f"of a certificate, {claim!r} is not known; {hint}")
        return grants
