"""Documents that people write: TOML in, checked values out, and errors that name the place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.quantities import Share, Size, fraction, size
from gridmask.domain.spelling import suggest

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

T = TypeVar("T")

_MOST_PROBLEMS = 10
_LONGEST_VALUE = 200
_LONGEST = timedelta(days=36_525)
_DEEPEST = 100
_IN_TOML = {
    "model_type": "should be a table",
    "dict_type": "should be a table",
    "tuple_type": "should be a list",
    "frozen_set_type": "should be a list",
    "string_type": "should be a text in quotes",
    "path_type": "should be a path in quotes",
    "too_short": "should have something in it",
}
"""What pydantic says of Python's types, in words of TOML."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(rf"(\d+(?:\.\d+)?)\s*([{''.join(_UNITS)}])")


def duration(text: object) -> timedelta:
    """The time span that ``text`` names: a number with s, m, h, d or w. A time span stands for itself.

    Raises:
        ValueError: it names none. A number alone does not: it could be seconds or minutes.
    """
    if isinstance(text, timedelta):
        return text
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"{text!r} is not a duration; write a number and one of s, m, h, d, w, such as '90m' or '1.5h'")
    try:
        span = timedelta(**{_UNITS[match[2]]: float(match[1])})
    except OverflowError:
        span = timedelta.max
    if span > _LONGEST:
        raise ValueError(f"{text!r} is more than a hundred years")
    return span


Duration = Annotated[timedelta, BeforeValidator(duration)]
"""A time span as people write it: ``30m``, ``6h``, ``1d``."""


def _some_time(period: timedelta) -> timedelta:
    if not period:
        raise ValueError("no time at all is too short")
    return period


Period = Annotated[Duration, AfterValidator(_some_time)]
"""A time span that is not nothing."""


SizeText = Annotated[Size, PlainValidator(size)]
"""A size as people write it: ``5 TB``, ``0.1 TiB``."""


Fraction = Annotated[Share, PlainValidator(fraction)]
"""A part of a whole as people write it: ``0.9``."""


class Strict(BaseModel):
    """A table in which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WithOptions(Strict):
    """A table of which only its kind knows all keys: those that are none of its own are ``options``, for the kind to check."""

    options: dict[str, Any] = Field({}, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _options_apart(cls, data: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
        if not isinstance(data, dict) or "options" in data:
            return data
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        return {**own, "options": {key: value for key, value in data.items() if key not in own}}


def parse(body: bytes, place: str) -> dict[str, Any]:
    """The TOML document in ``body``, which ``place`` names in errors.

    Raises:
        InvalidConfiguration: it is not TOML; the text says in which line and column. Or it is nested without end.
    """
    try:
        document = tomllib.loads(body.decode())
    except UnicodeDecodeError as error:
        raise InvalidConfiguration(place, f"not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(place, f"not TOML: {error}") from error
    except (RecursionError, ValueError) as error:  # what the parser makes of endless nesting and endless numbers
        raise InvalidConfiguration(place, f"not TOML that can be read: {error}") from error
    if _is_deeper(document, _DEEPEST):
        raise InvalidConfiguration(place, f"tables and lists are nested more than {_DEEPEST} deep")
    return document


def _is_deeper(document: dict[str, Any], most: int) -> bool:
    """Whether tables and lists are within each other more than ``most`` deep."""
    level: list[dict[str, Any] | list[Any]] = [document]
    for _ in range(most):
        within = (one for outer in level for one in (outer.values() if isinstance(outer, dict) else outer))
        level = [one for one in within if isinstance(one, dict | list)]
    return bool(level)


def validated(kind: type[T], data: object, place: str) -> T:
    """``data`` as a ``kind``.

    Raises:
        InvalidConfiguration: it is none; the text names each key that is wrong, its value, and what is allowed.
    """
    try:
        checked: T = _adapter(kind).validate_python(data)  # type: ignore[arg-type]  # every class can be hashed
    except ValidationError as error:
        details = [(detail["loc"], _told(detail, kind)) for detail in error.errors(include_url=False)]
        problems = [f"{path_of(location)}: {said}" for location, said in details[:_MOST_PROBLEMS]]
        more = len(details) - len(problems)
        told = "; ".join([*problems, *([f"and {more:,} more"] if more else [])])
        raise InvalidConfiguration(place, told, details) from error
    return checked


@lru_cache(maxsize=256)
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _told(detail: ErrorDetails, kind: object) -> str:
    if detail["type"] == "extra_forbidden":
        known = sorted(_keys_at(kind, detail["loc"][:-1]))
        near = suggest(str(detail["loc"][-1]), known)
        hint = f"did you mean {near!r}?" if near else f"allowed are {', '.join(known)}"
        return f"there is no such key; {hint}"
    if detail["type"] == "missing":
        return "is missing"
    said = _IN_TOML.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    value = detail["input"]
    untold = isinstance(value, Mapping) or repr(value) in said or _is_private(kind, detail["loc"])
    return f"{said[:1].lower()}{said[1:]}" + ("" if untold else f" (found {_brief(value)})")


def path_of(location: Sequence[int | str]) -> str:
    """``("source", 0, "url")`` as ``source[0].url``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:_LONGEST_VALUE]}" for part in location)
    return text.lstrip(".") or "the document"


def _brief(value: object) -> str:
    """``value`` as it is written, cut where only its beginning is of use."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}... of {len(text):,} characters"


def _keys_at(kind: object, location: Sequence[int | str]) -> set[str]:
    """The keys that the table at ``location`` within a ``kind`` may have."""
    table = _model_in(_kind_at(kind, location))
    return {field.alias or name for name, field in _fields_of(table).items()}


def _is_private(kind: object, location: Sequence[int | str]) -> bool:
    """Whether what was found at ``location`` may be, or hold, what is not for every eye: a password, a whole table."""
    field = _fields_of(_kind_at(kind, location[:-1])).get(str(location[-1])) if location else None
    return not location or (field is not None and not field.repr) or _is_model(_model_in(_kind_at(kind, location)))


def _kind_at(kind: object, location: Sequence[int | str]) -> object:
    """The type that is expected at ``location`` within a ``kind``."""
    for part in location:
        field = _fields_of(kind).get(str(part))
        kind = field.annotation if field else _model_in(kind)
    return kind


def _fields_of(kind: object) -> Mapping[str, FieldInfo]:
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}


def _model_in(kind: object) -> object:
    """The table that a list or mapping of tables consists of."""
    return next((k for k in (kind, *get_args(kind)) if _is_model(k)), kind)


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
