"""``[[rucio]]``: a Rucio of a VO."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from gridmask.actions.actuating.settings import OfElements

Availability = Literal["read", "write", "delete"]


class Rucio(OfElements):
    """``[[rucio]]``: a Rucio whose RSEs are to be available as a VO's mask says."""

    url: str = Field(description="Where its REST interface is.", repr=False)
    token_file: Path | None = Field(
        None, description="A file with a token for it (`X-Rucio-Auth-Token`), which is read anew for each request."
    )
    account: str = Field("", description="With a password in place of a token: the account of Rucio that acts.")
    user: str = Field("", description="The user name of that.")
    password_file: Path | None = Field(None, description="A file with the password; a token is fetched with it each time.")
    rucio_vo: str = Field("", description="What it calls the VO, where it is one of several VOs and takes a password.")
    ca_file: Path | None = Field(None, description="Which CAs vouch for it, in place of the system's.")
    names: dict[str, str] = Field({}, description="RSEs by the names of elements; others are called alike.")
    touch: tuple[Availability, ...] = Field(
        ("read", "write", "delete"), min_length=1, description="Which of the three it may switch: `read`, `write`, `delete`."
    )
    lift: Literal["any", "own"] = Field(
        "any", description="What it may switch on: `any`, or only what it switched off itself (`own`)."
    )

    @model_validator(mode="after")
    def _known_there(self) -> Self:
        given = [bool(self.account), bool(self.user), bool(self.password_file)]
        if any(given) is bool(self.token_file):
            raise ValueError("say who asks: by a token_file, or by account, user and password_file")
        if any(given) and not all(given):
            raise ValueError("account, user and password_file go together")
        return self
