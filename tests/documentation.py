"""Reads the documentation for the tests that compare it with the program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gridmask.domain.quantities import Size
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown page, or a part of one."""

    path: Path
    text: str

    @classmethod
    @lru_cache
    def of(cls, path: str) -> Page:
        """The page at ``path``, which counts from the tree's root."""
        return cls(ROOT / path, (ROOT / path).read_text(encoding="utf-8"))

    @property
    def prose(self) -> str:
        """The page without its fenced code."""
        return re.sub(r"^( *)(```+).*?^\1\2 *$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    def headings(self, level: int | None = None) -> list[str]:
        """The headings of ``level`` (None: of any), without their marks for code."""
        marks = "#{1,6}" if level is None else "#" * level
        return [text.replace("`", "") for text in re.findall(rf"^{marks} (.+?) *$", self.prose, re.MULTILINE)]

    def section(self, heading: str) -> Page:
        """What stands under ``heading``, up to the next heading of its level or a higher one.

        Raises:
            AssertionError: there is no such heading; the text says what to add.
        """
        lines = iter(self.text.splitlines())
        level = next((_level(line) for line in lines if _level(line) and line.lstrip("# ").replace("`", "") == heading), 0)
        assert level, f"{self.path.relative_to(ROOT)}: add the heading {heading!r}"
        return Page(self.path, "\n".join(_until(lines, level)))

    def table(self) -> dict[str, tuple[str, ...]]:
        """The cells of its tables by the code in the first; rows that do not begin with code are passed over."""
        cells = (re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in self.prose.splitlines() if line.startswith("|"))
        rows = [tuple(cell.strip().replace("\\|", "|") for cell in row) for row in cells]
        return {row[0].strip("`"): row[1:] for row in rows if row[0].startswith("`")}


def reference(name: str) -> Page:
    """The page ``name`` of the reference."""
    return Page.of(f"docs/reference/{name}.md")


def _level(line: str) -> int:
    return len(line) - len(line.lstrip("#")) if re.match("#{1,6} ", line) else 0


def _until(lines: Iterator[str], level: int) -> Iterator[str]:
    fenced = False
    for line in lines:
        fenced ^= line.lstrip().startswith("```")
        if not fenced and 0 < _level(line) <= level:
            return
        yield line


def fields(model: type[BaseModel]) -> dict[str, tuple[str, str]]:
    """What a page should say about each field of ``model`` that is no table: its default, and its description."""
    return {
        field.alias or name: (written(field.get_default(call_default_factory=True)), field.description)
        for name, field in model.model_fields.items()
        if field.description
    }


def models_in(kind: object) -> Iterator[type[BaseModel]]:
    """The models that values of the type ``kind`` hold."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from models_in(part)


def written(default: Any) -> str:  # noqa: ANN401 - of any type
    """A default as a person would write it in TOML."""
    if default is PydanticUndefined:
        return "required"
    return "none" if default is None else f"`{_toml(default)}`"


def _toml(value: Any) -> str:  # noqa: ANN401 - of any type
    match value:
        case bool():
            text = str(value).lower()
        case timedelta():
            text = f'"{_duration(value)}"'
        case Size():
            text = f'"{value}"'
        case Status():
            text = f'"{value.label}"'
        case Enum():
            text = f'"{value if isinstance(value, str) else value.name}"'
        case Mapping():
            text = "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
        case frozenset() | tuple():
            text = "[" + ", ".join(map(_toml, value)) + "]"
        case _:
            text = f'"{value}"' if isinstance(value, str) else str(value)
    return text


def _duration(span: timedelta) -> str:
    unit, size = next((u, s) for u, s in _UNITS if span.total_seconds() % s == 0 and (span or u == "s"))
    return f"{span.total_seconds() / size:.0f}{unit}"


# --- Commands


def commands(group: Any, path: str = "gridmask") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - of click, as typer brings it
    """The commands below ``group`` that are no groups, by what a person types."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def parameters(command: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 - of click, as typer brings it
    """What a page should say about each argument and option of ``command``: its default, and its help."""
    return {_called(parameter): (_preset(parameter), parameter.help) for parameter in command.params if not parameter.hidden}


def _called(parameter: Any) -> str:  # noqa: ANN401 - of click
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    takes = "" if parameter.is_flag or not parameter.metavar else f" {parameter.metavar}"
    return ", ".join(parameter.opts) + takes


def _preset(parameter: Any) -> str:  # noqa: ANN401 - of click
    if parameter.required:
        return "required"
    return "" if parameter.default in {None, False, ""} else f"`{parameter.default}`"
