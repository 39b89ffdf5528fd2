"""Which share of a storage service is which element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from gridmask.collectors.options import OfType, VoName
from gridmask.collectors.srr.document import Share
from gridmask.documents import Strict
from gridmask.domain.vo import ALL


class ShareTable(Strict):
    """``[[source.share]]``: a share, by its name or one of its paths, and what it is here."""

    name: str = Field("", description="The share's name, as the document has it.")
    path: str = Field("", description="Or one of its paths, for shares that have no name.")
    element: str = Field(description="The element that it is part of; the sizes of several shares add up.")
    vo: VoName = Field(ALL, description="Whom it is about, where each VO has a share of its own in one element.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.name) == bool(self.path):
            raise ValueError("a share is known by its name or by its path: give one of them")
        return self

    def means(self, share: Share) -> bool:
        """Whether ``share`` is the one."""
        return self.name == share.name if self.name else self.path.rstrip("/") in share.paths


class SrrOptions(OfType):
    """Options of ``wlcg-srr``."""

    share: tuple[ShareTable, ...] = Field(
        (), description="Which share is which element, as a list of tables: see below. Others go by their names."
    )

    def places(self, share: Share) -> Iterator[tuple[str, str]]:
        """What ``share`` is here: the names of elements, each with the VO that it is about."""
        told = [(table.element, table.vo) for table in self.share if table.means(share)]
        if told or not share.name:
            yield from told
        else:
            yield share.name, ALL
