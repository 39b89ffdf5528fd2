"""The arguments of rules, as people write them: statuses by name, and durations, sizes and fractions with what they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BeforeValidator, Field, create_model

from gridmask.documents import Duration, Fraction, SizeText, Strict
from gridmask.domain.downtime import Impact
from gridmask.domain.errors import InvalidConfiguration, NotKnown
from gridmask.domain.quantities import Share, Size
from gridmask.domain.status import Status

T = TypeVar("T")


def patterns(value: object) -> tuple[str, ...]:
    """The patterns that ``value`` is: one, or a list of them.

    Raises:
        ValueError: it is neither.
    """
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(pattern, str) for pattern in listed):
        raise ValueError("write a pattern, or a list of patterns")
    return tuple(listed)


Patterns = Annotated[tuple[str, ...], BeforeValidator(patterns)]


@lru_cache(maxsize=256)
def arguments_of(made: type[Any]) -> type[Strict]:
    """The table of arguments that the fields of a rule make, or of a dataclass that a rule has many of."""
    hints = get_type_hints(made)
    fields = {}
    for field in dataclasses.fields(made):
        fields[field.name] = (_written(hints[field.name]), _default(field))
    return create_model(f"{made.__name__}Arguments", __base__=Strict, **fields)  # type: ignore[call-overload,no-any-return]  # made at run time


def made_of(kind: type[T], table: Strict) -> T:
    """The rule, or what a rule has many of, that ``table`` describes, a table as :func:`arguments_of` gives it.

    Raises:
        ValueError, InvalidConfiguration: what the arguments say does not go together.
    """
    hints = get_type_hints(kind)
    return kind(**{name: _value(name, hints[name], value) for name, value in table})


def _value(name: str, hint: Any, value: Any) -> Any:  # noqa: ANN401 - any type annotation
    if _has_tables(hint):
        return tuple(_item(get_args(hint)[0], one, (name, number)) for number, one in enumerate(value))
    return value


def _item(kind: type[T], table: Strict, at: tuple[str, int]) -> T:
    """What ``table`` describes, the one ``at`` this place of a list.

    Raises:
        InvalidConfiguration: what it says does not go together; the details count from the arguments.
    """
    try:
        return made_of(kind, table)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(
            "arguments", error.problem, [((*at, *path), text) for path, text in error.details]
        ) from error
    except ValueError as error:
        raise InvalidConfiguration("arguments", str(error), [(at, str(error))]) from error


def _has_tables(hint: Any) -> bool:  # noqa: ANN401 - any type annotation
    return get_origin(hint) is tuple and dataclasses.is_dataclass(get_args(hint)[0])


def _default(field: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - of any type
    if field.default_factory is not dataclasses.MISSING:
        return Field(default_factory=field.default_factory)
    return ... if field.default is dataclasses.MISSING else field.default


def _written(hint: Any) -> Any:  # noqa: ANN401 - any type annotation
    """The type that accepts what people write for ``hint``."""
    if get_origin(hint) is Mapping:
        return dict[str, _written(get_args(hint)[1])]  # type: ignore[misc]  # made at run time
    if _has_tables(hint):
        return tuple[arguments_of(get_args(hint)[0]), ...]  # type: ignore[misc]  # likewise
    if get_origin(hint) in {UnionType, Union} and NoneType in get_args(hint):
        return _written(next(one for one in get_args(hint) if one is not NoneType)) | None
    return _WRITTEN.get(hint, hint)


def _status(value: object) -> Status:
    there_are = f"There are {', '.join(s.label for s in Status)}."
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not the name of a status. {there_are}")  # noqa: TRY004 - what pydantic understands
    try:
        return Status.parse(value)
    except NotKnown as error:
        raise ValueError(f"{error} {there_are}" if error.suggestion else str(error)) from error


def _impact(value: object) -> object:
    if isinstance(value, str) and value.upper() in Impact.__members__:
        return Impact[value.upper()]
    raise ValueError(f"{value!r} is none of {', '.join(Impact.__members__)}")


_WRITTEN: Mapping[Any, Any] = {
    Status: Annotated[Status, BeforeValidator(_status)],
    Impact: Annotated[Impact, BeforeValidator(_impact)],
    timedelta: Duration,
    Size: SizeText,
    Share: Fraction,
    bool: Annotated[bool, Field(strict=True)],
    int: Annotated[int, Field(strict=True, ge=0)],
    float: Annotated[float, Field(strict=True, allow_inf_nan=False)],
    tuple[str, ...]: Patterns,
}
"""What people write for each type of argument. Counts are whole numbers from 0 on."""
