"""``[[fts3]]``: an FTS3 that transfers for a VO."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from gridmask.actions.actuating.settings import OfElements

Access = Literal["ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess", "all"]


class Fts3(OfElements):
    """``[[fts3]]``: an FTS3 that is to ban the storage that a VO may not use. The VO is that of the credentials."""

    url: str = Field(description="Where its REST interface is.", repr=False)
    fts_vo: str = Field("", description="What it calls the VO, if not as it is called here.")
    certificate: Path | None = Field(None, description="A PEM file with the certificate or proxy that it knows us by.")
    key: Path | None = Field(None, description="A PEM file with its private key, where that is not in the certificate's file.")
    token_file: Path | None = Field(None, description="In its place, a file with a bearer token, which is read anew each time.")
    ca_file: Path | None = Field(None, description="Which CAs vouch for it, in place of the system's.")
    schemes: tuple[str, ...] = Field(
        ("davs",), min_length=1, description="A storage is what FTS calls it, `SCHEME://HOST`: by these schemes, for each host."
    )
    names: dict[str, tuple[str, ...]] = Field(
        {}, description="What FTS calls the storage of elements, by their names, where schemes and hosts do not tell."
    )
    access: tuple[Access, ...] = Field(
        ("ReadAccess", "WriteAccess"), min_length=1, description="The status types that have a say."
    )
    banned_when: Literal["all", "any"] = Field(
        "all", description="Whether it is banned when none of these may be used (`all` are down), or when `any` may not."
    )
    status: Literal["wait", "cancel"] = Field(
        "wait", description="What becomes of transfers of banned storage: they `wait`, or FTS is to `cancel` them."
    )
    allow_submit: bool = Field(default=False, description="Whether, while they wait, more can be submitted.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.allow_submit and self.status == "cancel":
            raise ValueError("allow_submit goes with status = 'wait' alone")
        return self
