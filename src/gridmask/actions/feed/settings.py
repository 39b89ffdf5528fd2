"""``[[feed]]``: a mask that is kept somewhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from gridmask.actions.actuating.settings import Actuator

Form = Literal[
    "json", "text", "vo-feed", "usable-sites", "ssb", "diracx-storage", "diracx-compute", "diracx-site", "diracx-fts"
]


class Feed(Actuator):
    """``[[feed]]``: a VO's mask in a format, written to a file or put to an address whenever it is another."""

    form: Form = Field(description="The format; those that begin with `diracx-` are the answers of DiracX's routes.")
    purpose: Literal["use", "test"] | None = Field(None, description="Only what may be used for it; see the formats.")
    file: Path | None = Field(
        None, description="The file that it is written to, at once and as a whole; its folder must be there."
    )
    mode: str = Field("0644", description="Who may read that file, in octal digits.")
    url: str = Field("", description="Or the address that it is put to.", repr=False)
    token_file: Path | None = Field(None, description="A file with a token for that address, which is read anew each time.")
    token_as: str = Field(
        "Authorization: Bearer", description="The header that the token is sent in, and what stands before it."
    )
    ca_file: Path | None = Field(None, description="Which CAs vouch for the address, in place of the system's.")
    allow_empty: bool = Field(
        default=False, description="Whether an empty mask may take the place of a feed with content without an administrator."
    )

    @field_validator("mode")
    @classmethod
    def _sane(cls, mode: str) -> str:
        if not re.fullmatch(r"0?[0-7]{3}", mode):
            raise ValueError("write the permissions as three octal digits, such as 0644")
        if int(mode, 8) & 0o113 or not int(mode, 8) & 0o400:
            raise ValueError("nobody runs a feed, others do not write it, and its owner reads it: such as 0644, or 0640")
        return mode

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if bool(self.file) == bool(self.url):
            raise ValueError("say where to: either file, or url")
        return self
