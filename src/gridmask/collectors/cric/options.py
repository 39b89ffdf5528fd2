"""Which documents of CRIC are read, and whom what they list is offered to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from gridmask.collectors.options import VoName
from gridmask.source import Options

Document = Literal["site", "ddmendpoint", "pandaqueue"]

PRESETS: Mapping[str, tuple[Document, ...]] = {"atlas": ("site", "ddmendpoint", "pandaqueue"), "cms": ("site",)}
"""The documents of each kind of CRIC, in the order in which they are asked for."""


class CricOptions(Options):
    """Options of ``cric``."""

    preset: Literal["", "atlas", "cms"] = Field(
        "", description="Whose CRIC is at `url`: all that its kind has is asked for. Empty: `url` is one `document`."
    )
    document: Literal["", "site", "ddmendpoint", "pandaqueue"] = Field(
        "", description="Which document is at `url`, where there is no `preset`."
    )
    vo: VoName | None = Field(
        None,
        description="The VO that all is offered to, or `all`. Without: as a record says by `vo_name`, else as the preset does.",
    )
    main_sites: dict[str, str] = Field(
        {},
        description="Where several sites are of one resource centre: which of them other registries list under the centre's "
        "name, by that name.",
    )

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that are read, in order."""
        return PRESETS[self.preset] if self.preset else (self.document,) if self.document else ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.preset) == bool(self.document):
            raise ValueError("give either 'preset', for all that a CRIC has, or 'document', for one document of it")
        return self
