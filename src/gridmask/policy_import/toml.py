"""A policy file with the report at its head. The same policies and report make the same text."""

from __future__ import annotations

import json
import re
from textwrap import wrap
from typing import TYPE_CHECKING

from gridmask.policy_import.report import Weight, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gridmask.policy_import.report import Entry

WIDTH = 120
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(tables: Mapping[str, Mapping[str, object]], entries: Sequence[Entry], origin: str) -> str:
    """The file with the policies ``tables``; ``origin`` says what it was imported from, in a sentence."""
    head = [*_comment(f"Imported from DIRAC's configuration, {origin}"), *_head(entries)]
    return "\n".join([*head, *(line for name, table in tables.items() for line in _policy(name, table))]) + "\n"


def key(name: str) -> str:
    """``name`` as a key."""
    return name if _BARE.fullmatch(name) else text(name)


def text(value: str) -> str:
    """``value`` as a string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(entries: Sequence[Entry]) -> Iterator[str]:
    if any(entry.needs_review for entry in entries):
        yield "# What is marked with ! needs review."
    for entry in entries:
        yield "#"
        yield from _comment(_told(entry))
        for remark in entry.remarks:
            mark = "!" if remark.weight is Weight.REVIEW else "-"
            told = remark.text if remark.weight is Weight.NOTE else f"{remark.weight}: {remark.text}"
            yield from _comment(f"  {mark} {shown(told)}")


def _told(entry: Entry) -> str:
    line = f" (line {entry.line})" if entry.line else ""
    policy = f" {text(shown(entry.policy))}" if entry.policy else ""
    return f"{entry.path}{line}: {entry.outcome}{policy}" if entry.path else f"{entry.outcome}{policy}"


def _comment(line: str) -> list[str]:
    rest = line.lstrip(" -!")
    return wrap(
        line, WIDTH, initial_indent="# ", subsequent_indent="# " + " " * (len(line) - len(rest)), break_on_hyphens=False
    )


def _policy(name: str, table: Mapping[str, object]) -> Iterator[str]:
    yield ""
    yield f"[policy.{key(name)}]"
    for option, value in table.items():
        yield f"{key(option)} = {_value(value)}"


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return text(value)
        case dict():
            return "{ " + ", ".join(f"{key(name)} = {_value(one)}" for name, one in value.items()) + " }" if value else "{}"
        case list() if len(value) == 1:
            return _value(value[0])
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return repr(value)
