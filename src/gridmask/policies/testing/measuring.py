"""Measurements as policy tests write them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from pydantic import BeforeValidator, create_model

from gridmask.documents import Strict, validated
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.measurements import SPACE, VALUES
from gridmask.domain.quantities import size
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.measurements import Measurement

_NAMES = ("metric", "name", "direction", "other")
"""What tells measurements of one kind apart."""


def measurement(kind: str, said: Mapping[str, Any]) -> Measurement:
    """The measurement of ``kind`` that ``said`` describes.

    Raises:
        InvalidConfiguration: there is no such kind, or it is described otherwise.
    """
    if kind not in VALUES:
        near = suggest(kind, VALUES)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(VALUES)}"
        told = f"nothing is measured that is called {kind!r}; {hint}"
        raise InvalidConfiguration("kind", told, [(("kind",), told)])
    made = VALUES[kind]
    return made(**dict(validated(_table_of(kind, made), dict(said), kind)))


def record_of(kind: str, value: Measurement, vo: str) -> str:
    """What to call the record that holds ``value``, where nothing else is said: the next of its like replaces it."""
    names = [kind, *(str(getattr(value, name)) for name in _NAMES if getattr(value, name, "")), *([vo] if vo != ALL else [])]
    return " ".join(names)


def _bytes(value: object) -> object:
    return float(size(value)) if isinstance(value, str) else value


def _table_of(kind: str, made: type[Measurement]) -> type[Strict]:
    hints = get_type_hints(made)
    fields = {}
    for field in dataclasses.fields(made):  # type: ignore[arg-type]  # measurements are dataclasses
        hint = Annotated[float, BeforeValidator(_bytes)] if kind == SPACE else hints[field.name]
        fields[field.name] = (hint, ... if field.default is dataclasses.MISSING else field.default)
    return create_model(f"{made.__name__}Table", __base__=Strict, **fields)  # type: ignore[call-overload,no-any-return]  # made at run time
