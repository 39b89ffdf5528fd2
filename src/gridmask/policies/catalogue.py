"""What rules there are, built in and of plug-ins, with their arguments: what ``gridmask policy rules`` tells."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from gridmask import extensions
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.quantities import Share, Size
from gridmask.domain.status import Status
from gridmask.rules import BUILT_IN


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """An argument: its type, its default as people write it (empty: it must be given), and what it means."""

    name: str
    type: str
    default: str
    meaning: str


@dataclasses.dataclass(frozen=True, slots=True)
class Described:
    """A rule.

    Attributes:
        name: what policies call it.
        package: the package of the plug-in that has it; empty if it is built in.
        summary: what it does.
        arguments: what it wants to know.
        problem: why it cannot be used; empty if it can.
    """

    name: str
    package: str
    summary: str = ""
    arguments: tuple[Argument, ...] = ()
    problem: str = ""


def rules() -> list[Described]:
    """All rules by name; those that cannot be loaded with why."""
    plugged = extensions.found(extensions.RULES)
    built_in = [_described(name, "", made) for name, made in BUILT_IN.items() if name not in plugged]
    return sorted([*built_in, *map(_plugged, plugged)], key=lambda rule: rule.name)


def _plugged(name: str) -> Described:
    packages = ", ".join(map(extensions.package_of, extensions.found(extensions.RULES)[name]))
    try:
        made = extensions.rule_class(name, BUILT_IN)
    except InvalidConfiguration as error:
        return Described(name, packages, problem=error.problem)
    return _described(name, packages, made)


def _plain(text: str) -> str:
    """``text`` of a docstring without its markup."""
    return re.sub(r":\w+:`~?([^`]*)`", r"\1", " ".join(text.split())).replace("``", "`")


def _described(name: str, package: str, made: Any) -> Described:  # noqa: ANN401 - a dataclass
    text = getdoc(made) or ""
    hints, meanings = get_type_hints(made), dict(_attributes(text))
    arguments = (
        Argument(field.name, _type(hints[field.name]), _default(field), meanings.get(field.name, ""))
        for field in dataclasses.fields(made)
    )
    return Described(name, package, _plain(text.partition("\n\n")[0]), tuple(arguments))


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    """What the section ``Attributes`` of a docstring says of each."""
    _, _, section = text.partition("\nAttributes:\n")
    for entry in re.split(r"\n(?=    \w)", "\n" + section)[1:]:
        name, _, meaning = entry.strip().partition(":")
        yield name, _plain(meaning)


_WORDS: Mapping[Any, str] = {
    Status: "status",
    timedelta: "duration",
    Size: "size",
    Share: "fraction",
    int: "count",
    float: "number",
    str: "text",
    bool: "true or false",
}


def _type(hint: Any) -> str:  # noqa: ANN401 - any annotation
    """What people write for ``hint``."""
    if get_origin(hint) is tuple:
        return "tables" if dataclasses.is_dataclass(get_args(hint)[0]) else "list"
    if get_origin(hint) in {UnionType, Union}:
        return " or ".join(_type(one) for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is Literal:
        return " or ".join(map(str, get_args(hint)))
    if get_origin(hint) is Mapping:
        return f"table of {_type(get_args(hint)[1])}"
    if isinstance(hint, type) and issubclass(hint, Enum) and hint not in _WORDS:
        return " or ".join(map(_shown, hint))
    return _WORDS.get(hint, str(hint))


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return _shown(field.default_factory())
    if field.default is None:
        return "none"
    return "" if field.default is dataclasses.MISSING else _shown(field.default)


def _shown(value: object) -> str:
    if isinstance(value, Status):
        return value.label
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, Enum):
        return str(value.name if isinstance(value.value, int) else value.value)
    if isinstance(value, Mapping):
        return "{}" if not value else str({key: _shown(one) for key, one in value.items()})
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value) if isinstance(value, Size) or not isinstance(value, str) else f'"{value}"'
