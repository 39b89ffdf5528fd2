"""The tables of the settings that say what is probed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from gridmask.documents import Duration, Period, Strict, WithOptions
from gridmask.domain.matching import STATIC_KEYS
from gridmask.domain.spelling import suggest
from gridmask.policies.arguments import Patterns
from gridmask.probes.address import Address

MATCHED = tuple(key for key in STATIC_KEYS if key not in {"vo", "status_type"})
"""The keys of a probe's match: it is elements that are probed, not rows."""

OF_PROBES = "probe "
"""What their kind begins with, as sources are listed."""

IN_URLS = ("host", "port", "path", "name", "site", "type", "vo")
IN_PATHS = ("vo",)


def _template(text: str, known: tuple[str, ...]) -> str:
    try:
        asked = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}; a brace itself is written twice") from error
    for name in asked:
        if name not in known:
            raise ValueError(f"{text!r}: there is no {{{name}}}; there are {', '.join(f'{{{k}}}' for k in known)}")
    return text


def _url(text: str) -> str:
    return _template(text, IN_URLS)


def _file(text: str) -> str:
    return _template(text, IN_PATHS)


def _uplink(url: str) -> str:
    Address.of(url)
    return url


UrlTemplate = Annotated[str, AfterValidator(_url)]
FileTemplate = Annotated[str, AfterValidator(_file)]
Uplink = Annotated[str, AfterValidator(_uplink)]


class Probes(Strict):
    """``[probes]``: what all probes share."""

    uplinks: tuple[Uplink, ...] = Field(
        (),
        description="Addresses that answer whenever our own network does, as `tcp://HOST:PORT`. While none of them does, no "
        "probe speaks against anything.",
    )
    most: int = Field(500, ge=1, le=10_000, description="How many probes are under way at once.")
    per_host: int = Field(2, ge=1, description="How many of them at one host.")
    spacing: Duration = Field(
        timedelta(seconds=1), description="How long after one began at a host the next one may begin there."
    )
    doubt_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Where more than this part of all hosts fails anew within one period, nothing is concluded: it will be us. "
        "`1.0` never doubts.",
    )
    doubt_hosts: int = Field(5, ge=1, description="... and more hosts than these.")


class Probe(WithOptions):
    """``[[probe]]``: something that Gridmask itself looks at, again and again.

    ``options`` is what only its kind heeds, which in the file stands beside the rest; it is checked once that is known.
    """

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description="What it is called here, as a source and as the `metric` of its results.",
    )
    kind: str = Field(description="What it speaks: one of the [kinds](probes.md#kinds).")
    match: dict[str, Patterns] = Field(
        {}, description="Which elements it looks at: patterns by key, as those of policies. Empty is all that have a host."
    )
    every: Period = Field(timedelta(minutes=5), description="How often each of them is looked at; never more often.")
    timeout: Period = Field(timedelta(seconds=10), description="How long that may take; then it counts as failed.")
    periods: int = Field(3, ge=2, le=100, description="For how many periods a result counts, where no other one follows.")
    url: UrlTemplate = Field(
        "",
        description="Where it goes: an address with `{host}`, `{port}`, `{path}`, `{name}`, `{site}`, `{type}` or `{vo}` in "
        "it. Empty: that of its kind.",
    )
    fact: str = Field(
        "",
        description="Which fact of an element has its address, as in `url` or `services.endpoint_url`: from there come host, "
        "port and path. Empty: its hosts.",
    )
    hosts: Literal["first", "all"] = Field(
        "first", description="Of several hosts or addresses of an element, the `first` one, or each for itself."
    )
    vos: tuple[str, ...] = Field(
        (), description="The VOs in whose name it is made, each by itself, with `{vo}` in paths. Empty: once, for all."
    )
    token_file: FileTemplate = Field("", description="A file with a bearer token.")
    certificate: FileTemplate = Field("", description="A PEM file with a certificate, or a proxy.")
    key: FileTemplate = Field("", description="A PEM file with its private key, where that is not in the certificate's file.")
    ca: Path | None = Field(None, description="A file or folder of CAs to trust, instead of those of `[http]`.")
    user: FileTemplate = Field("", description="Who it logs in as, where the protocol asks for that.")
    password_file: FileTemplate = Field("", description="A file with the password.")
    publish: tuple[str, ...] = Field(
        (), description="Figures of it that are evidence, too, of the kind `metric`: `NAME.FIGURE`. Such as `seconds`."
    )

    @field_validator("match")
    @classmethod
    def _of_elements(cls, match: dict[str, Patterns]) -> dict[str, Patterns]:
        for key in match:
            if key not in MATCHED:
                near = suggest(key, MATCHED)
                hint = f"did you mean {near!r}?" if near else f"there are {', '.join(MATCHED)}"
                raise ValueError(f"elements have no {key!r}; {hint}")
        return match

    @field_validator("timeout")
    @classmethod
    def _within_its_period(cls, timeout: timedelta, info: ValidationInfo) -> timedelta:
        if (every := info.data.get("every")) and timeout > every:
            raise ValueError("must not be longer than 'every': the next one would be due before this one ends")
        return timeout

    @field_validator("key")
    @classmethod
    def _not_alone(cls, key: str, info: ValidationInfo) -> str:
        if key and not info.data.get("certificate"):
            raise ValueError("a key is of no use without a certificate")
        return key

    @property
    def source_kind(self) -> str:
        """As which kind of source it is known."""
        return f"{OF_PROBES}{self.kind}"

    def anchored(self, folder: Path) -> Probe:
        """The same with relative paths that count from ``folder``."""
        texts = ("token_file", "certificate", "key", "password_file")
        known: dict[str, object] = {name: str(folder / written) for name in texts if (written := getattr(self, name))}
        return self.model_copy(update=known | ({"ca": folder / self.ca} if self.ca else {}))
