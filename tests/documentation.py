"""Reads the documentation for the tests that compare it with the program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticUndefined

from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown page, or a part of one."""

    path: Path
    text: str

    @classmethod
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


def written(default: Any) -> str:  # noqa: ANN401 - of any type
    """A default as a person would write it in TOML."""
    if default is PydanticUndefined:
        return "required"
    return "none" if default is None else f"`{_toml(default)}`"


def _toml(value: Any) -> str:  # noqa: ANN401 - of any type
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f'"{_duration(value)}"'
    if isinstance(value, Status):
        return f'"{value.label}"'
    if isinstance(value, Enum):
        return f'"{value.value if isinstance(value.value, str) else value.name}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, frozenset | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _duration(span: timedelta) -> str:
    unit, size = next((u, s) for u, s in _UNITS if span.total_seconds() % s == 0 and (span or u == "s"))
    return f"{span.total_seconds() / size:.0f}{unit}"
