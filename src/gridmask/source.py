"""A source, as the settings describe it: what all have in common, and what only some kinds heed.

Collectors and inventories read this module, and no other of the settings.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator

from gridmask.documents import Period, Strict, WithOptions, validated
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.spelling import suggest

Share = Annotated[float, Field(ge=0, le=1)]


class Source(WithOptions):
    """``[[source]]``: something that Gridmask reads.

    What only its kind heeds is in ``options``; in the file these keys stand beside the others. They are checked by
    :meth:`Options.of`.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="What it is called here.")
    kind: str = Field(description="What it speaks: one of the kinds below.")
    url: str = Field(
        description="Where it is: `https://`, `http://`, `file://`, or a path beside the settings file; for XRootD `root://` "
        "or `roots://`.",
        repr=False,
    )
    every: Period = Field(timedelta(minutes=10), description="How often it is asked.")
    valid_for: Period = Field(
        timedelta(hours=6),
        description="How long its last complete answer counts; afterwards its silence says nothing any more.",
    )
    covers: frozenset[str] = Field(
        frozenset(), description="For evidence: the inventory sources whose elements it speaks of. Empty is all."
    )
    max_takeout: Share = Field(
        0.2,
        description="The share of its elements, pending downtimes or measurements that an answer may take back; one that would "
        "take back more is put into quarantine.",
    )
    max_change: Share = Field(
        0.5, description="The share of its elements or pending downtimes of which an answer may say something else; likewise."
    )
    certificate: Path | None = Field(None, description="A PEM file with the certificate, or the proxy, to ask with.")
    key: Path | None = Field(None, description="A PEM file with its private key, where that is not in the certificate's file.")
    token_file: Path | None = Field(
        None, description="A file with a bearer token to ask with, read anew each time; for `https://` only."
    )
    token_as: str = Field(
        "",
        pattern=r"^([A-Za-z0-9-]{1,64}(: [A-Za-z0-9-]{1,64}( [a-z]{1,64}=)?)?)?$",
        description="As what the token is sent: a header, and perhaps what stands before the token, as in "
        "`Authorization: Token token=`. "
        "Empty: as its kind of source expects it, which is `Authorization: Bearer` as a rule.",
    )
    traced: bool = Field(
        default=False, description="Whether it is told, by a header `traceparent`, of which trace a question is part."
    )

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name == "manual":
            raise ValueError("'manual' is what people declare themselves; take another name")
        return name

    @field_validator("key")
    @classmethod
    def _not_alone(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if key and not info.data.get("certificate"):
            raise ValueError("a key is of no use without a certificate")
        return key


class Options(Strict):
    """What a kind of source heeds beside what all do; each kind that heeds anything has a class of its own."""

    @classmethod
    def of(cls, source: Source) -> Self:
        """The options of ``source``, by this class.

        Raises:
            InvalidConfiguration: there is no such option, or its value is not what is wanted.
        """
        place = f"source {source.name}"
        for key in source.options:
            if key not in cls.model_fields:
                known = (*cls.model_fields, *(field for field in Source.model_fields if field != "options"))
                near = suggest(key, known)
                hint = f"did you mean {near!r}?" if near else f"allowed are {', '.join(sorted(known))}"
                raise InvalidConfiguration(place, f"{key}: there is no such key for {source.kind}; {hint}")
        return validated(cls, source.options, place)
