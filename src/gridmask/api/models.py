"""What several nouns say alike: moments, statuses, elements, reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gridmask.domain.errors import NotKnown
from gridmask.domain.spelling import suggest
from gridmask.domain.status import Status

LABELS = [status.label for status in Status]


class Said(BaseModel):
    """Something that the API says. It is made from what the use cases answer, attribute by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """Something that the API is asked, in which every field is known and of its type."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: object) -> object:
        for name in given if isinstance(given, Mapping) else ():
            if name not in cls.model_fields:
                near = suggest(str(name), cls.model_fields)
                hint = f"did you mean '{near}'?" if near else f"there are {', '.join(cls.model_fields)}"
                said = "there is no field '{name}'; {hint}"
                raise PydanticCustomError("unknown_field", said, {"name": str(name), "hint": hint})
        return given


def _status(given: object) -> object:
    try:
        return Status.parse(given) if isinstance(given, str) else given
    except NotKnown as error:
        raise ValueError(f"there is no such status; there are {', '.join(LABELS)}") from error


StatusName = Annotated[
    Status,
    BeforeValidator(_status),
    PlainSerializer(lambda status: status.label, return_type=str),
    WithJsonSchema({"type": "string", "enum": LABELS}),
]
"""A status by its name."""


def _moment(given: object) -> object:
    """What people and programs write; without this, numbers would be taken for seconds since 1970."""
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", given):
        raise ValueError("not a moment in time; write it as in 2026-08-21T17:00Z")
    try:
        moment = datetime.fromisoformat(given.upper())
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a moment in time: {error}") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A moment in UTC, in ISO 8601."""

Some = Annotated[str | None, BeforeValidator(lambda text: text or None)]
"""A text that may not be there."""

Name = Annotated[str, Field(min_length=1, max_length=255)]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Family = Annotated[str, Field(min_length=1, max_length=16)]
Prose = Annotated[str, Field(min_length=1, max_length=4000)]


class ElementId(Said):
    """The identity of an element."""

    family: str = Field(examples=["Resource"])
    type: str = Field(examples=["ComputingElement"])
    name: str = Field(examples=["ce01.example.org"])


class ElementAsked(Asked):
    """An element as people call it: by name, and by type and family where the name alone could mean several."""

    name: Name
    type: Word | None = None
    family: Family | None = None


class Reason(Said):
    """Why: `kind` as a program reads it, `text` as a person does; and where the evidence can be found."""

    kind: str
    text: str
    source: Some = None
    record: Some = None
    url: Some = None
    since: Moment | None = None
    until: Moment | None = None


class Token(Said):
    """Who holds a row, and until when; `until` null is until released. Automation computes meanwhile, but changes nothing."""

    owner: str
    until: Moment | None = Field(validation_alias="expires_at")
    agreed: bool = Field(description="Whether it also ends once automation asks for the very status that the row has.")
    review_at: Moment | None = Field(None, description="When somebody should look at it again.")
