"""The tables of an inventory file, as pydantic validates them one by one.

How they hang together is checked by :mod:`gridmask.inventory.toml`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, field_validator

from gridmask.documents import Strict
from gridmask.domain.element import WHOLE
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL, canonical

_NAME_LIMIT = 255
_WORD_LIMIT = 64
_TEXT_LIMIT = 16_000
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*", re.IGNORECASE)

Category = Literal[
    "computing",
    "storage",
    "cache",
    "catalog",
    "network",
    "information",
    "transfer",
    "messaging",
    "database",
    "software",
    "security",
    "monitoring",
    "other",
]
"""What kinds of services there are."""


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if text != " ".join(text.split()):
        raise ValueError("must not have white space at its ends, line breaks or several spaces together")
    if len(text) > _NAME_LIMIT or not text.isprintable():
        raise ValueError(f"must be up to {_NAME_LIMIT} printable characters")
    return text


def _word(text: str) -> str:
    if len(text) > _WORD_LIMIT:
        raise ValueError(f"must be up to {_WORD_LIMIT} characters")
    return _name(text)


def _text(text: str) -> str:
    if len(text) > _TEXT_LIMIT:
        raise ValueError(f"must be up to {_TEXT_LIMIT:,} characters")
    return " ".join(text.split())


def _vo(name: str) -> str:
    try:
        vo = canonical(name)
    except InvalidRequest as error:
        raise ValueError(f"must be names of VOs: {error}") from error
    if vo == ALL:
        raise ValueError(f"must be names of VOs, and {ALL!r} is none: leave 'offered' out to offer it to everyone")
    return vo


def _list(value: object) -> object:
    if isinstance(value, list):
        return value
    several = "there can be several: write its name in [[double brackets]]"
    raise ValueError(several if isinstance(value, dict) else "must be a list in [brackets]")


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise ValueError("must be host names, as 'ce01.example.org'")
    return name.lower()


Name = Annotated[str, AfterValidator(_name)]
Word = Annotated[str, AfterValidator(_word)]
Text = Annotated[str, AfterValidator(_text)]
Vo = Annotated[str, AfterValidator(_vo)]
Host = Annotated[str, AfterValidator(_host)]

Service = Annotated[str, AfterValidator(_word), AfterValidator(str.lower)]

T = TypeVar("T")
Listed = Annotated[tuple[T, ...], BeforeValidator(_list)]
Labels = Annotated[frozenset[T], BeforeValidator(_list)]


class TypeTable(Strict):
    """``[type."NAME"]``: an element type that the file declares."""

    family: Literal["Resource", "Node"] = Field("Resource", description="`Resource` or `Node`.")
    category: Category = Field("other", description="What kind of service it is: `computing`, `storage`...")
    status_types: Listed[Word] = Field((WHOLE,), description="Its aspects with a status of their own.")

    @field_validator("status_types")
    @classmethod
    def _distinct(cls, status_types: tuple[str, ...]) -> tuple[str, ...]:
        if not status_types or len(set(status_types)) < len(status_types):
            raise ValueError("must name at least one, and none twice")
        return status_types


class Common(Strict):
    """What sites and resources have in common."""

    name: Name = Field(description="What it is called; case counts.")
    description: Text = Field("", description="What people should know about it.")
    tags: Labels[Name] = Field(frozenset(), description="Labels that policies can match.")
    offered: Labels[Vo] | None = Field(
        None, description="The VOs that may use it; empty is everyone. A resource that does not say follows its site."
    )
    aliases: Listed[Name] = Field((), description="Other names it goes by, in other registries or in the past.")
    in_service: StrictBool = Field(default=True, description="False takes it out of every mask; a site, with its resources.")


class ResourceTable(Common):
    """``[[site.resource]]``: a resource, with one service or several."""

    type: Name | None = Field(None, description="The type of its one service.")
    types: Listed[Name] = Field((), description="The types of its services, where it has several.")
    hosts: Listed[Host] = Field((), description="The host names it answers under.")
    services: Labels[Service] = Field(
        frozenset(), description="What GOCDB calls its services; without any, all that is announced of its hosts concerns it."
    )


class OutlyingResourceTable(ResourceTable):
    """``[[resource]]``: a resource that names its site."""

    site: Name = Field(description="The site it belongs to, by a name that the file declares.")


class SiteTable(Common):
    """``[[site]]``: a site and its resources."""

    country: Name | None = Field(None, description="Where it is.")
    resource: Listed[ResourceTable] = Field((), description="Its resources.")


class InventoryFile(Strict):
    """The whole file."""

    type: dict[Word, TypeTable] = Field({}, description="Element types of your own.")
    site: Listed[SiteTable] = Field((), description="Sites.")
    resource: Listed[OutlyingResourceTable] = Field((), description="Resources, apart from their sites.")
