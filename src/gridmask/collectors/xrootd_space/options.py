"""Which spaces are asked about, and what each tells of."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from gridmask.collectors.options import OfType, VoName
from gridmask.documents import Strict
from gridmask.domain.vo import ALL


class SpaceTable(Strict):
    """``[[source.space]]``: a space, by a path that is in it."""

    path: str = Field(
        min_length=1,
        max_length=1000,
        description="A folder in it, seen from the source's `url`, as in `/lhcb`. It must be there.",
    )
    group: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._:-]{0,63}$",
        description="The name of the space, which is a space token to SRM, where the server has several for one path.",
    )
    element: str = Field(min_length=1, description="The element that it is.")
    vo: VoName = Field(ALL, description="Whom it is about, where each VO has a space of its own in one element.")

    @field_validator("path")
    @classmethod
    def _no_query(cls, path: str) -> str:
        if "?" in path or not path.isprintable() or " " in path:
            raise ValueError("is a path, without a query or white space; the name of a space is its group")
        return path

    def asked(self, url: str) -> str:
        """The question: its path from ``url``, where that begins on the server, and the group."""
        base = "/" + urlsplit(url).path.strip("/")
        whole = f"{base.rstrip('/')}/{self.path.lstrip('/')}"
        return f"{whole}?oss.cgroup={self.group}" if self.group else whole


class XrootdSpace(OfType):
    """Options of ``xrootd-space``."""

    space: tuple[SpaceTable, ...] = Field(min_length=1, description="The spaces, as a list of tables: see below.")
    user: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]{0,64}$", description="As whom to log in, where the server believes names (`unix`)."
    )

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        meant = [(space.element, space.vo) for space in self.space]
        if twice := next((one for one in meant if meant.count(one) > 1), None):
            raise ValueError(f"two spaces are {twice[0]} for {twice[1]}; only one can count")
        return self
