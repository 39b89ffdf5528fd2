"""Where in a TOML file a key stands: what the standard library's parser does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys, and indexes into lists: ``("source", 0, "url")``."""

_TOKENS = re.compile(
    r"""
    (?P<space>[ \t\r]+|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<text>\"\"\"(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<mark>[][{}=,.])
    |(?P<bare>[^][{}=,.\s"'\#]+)
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


_END = _Token("end", "", 0)


def places(text: str) -> Places:
    """Where the keys of the TOML document ``text`` stand. It must be one that can be read; of another, less is told."""
    found = Places()
    _Reader(_tokens(text), found.lines).read()
    return found


@dataclass(frozen=True, slots=True)
class Places:
    """The line of each key, counted from 1; of an item of a list, that where it begins."""

    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of ``path``, or that of the nearest thing which it would be in; None: there is nothing like it."""
        below = (tuple(path[:length]) for length in range(len(path), 0, -1))
        return next((self.lines[part] for part in below if part in self.lines), None)

    def has(self, path: Iterable[str | int]) -> bool:
        """Whether just this is written down."""
        return tuple(path) in self.lines


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKENS.finditer(text):
        if match.lastgroup != "space":
            yield _Token(match.lastgroup or "", match[0], line)
        line += match[0].count("\n")


class _Reader:
    """Goes through the tokens of a document, and notes the line of every key."""

    def __init__(self, tokens: Iterator[_Token], lines: dict[Path, int]) -> None:
        self._tokens = tokens
        self._lines = lines
        self._sizes: dict[Path, int] = {}
        self._next = next(tokens, _END)

    def read(self) -> None:
        table: Path = ()
        while self._next is not _END:
            if self._next.kind == "newline":
                self._take()
            elif self._next.text == "[":
                table = self._header()
            elif not self._assignment(table):
                self._take()  # nothing that belongs here; go on with what follows

    def _take(self) -> _Token:
        taken, self._next = self._next, next(self._tokens, _END)
        return taken

    def _header(self) -> Path:
        line = self._take().line
        is_list = self._next.text == "["
        if is_list:
            self._take()
        *outer, last = self._key()
        while self._next.text == "]":
            self._take()
        table: Path = (*self._resolved(outer), last)
        for length in range(1, len(table) + 1):
            self._note(table[:length], line)
        if is_list:
            self._sizes[table] = self._sizes.get(table, 0) + 1
        table = self._resolved([*outer, last])
        self._note(table, line)
        return table

    def _resolved(self, keys: Iterable[str]) -> Path:
        """The path that ``keys`` mean in a header: of a list of tables, the last one."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._sizes:
                path = (*path, self._sizes[path] - 1)
        return path

    def _assignment(self, table: Path) -> bool:
        """Reads ``key = value``; whether there was one."""
        line, keys = self._next.line, self._key()
        for length in range(1, len(keys) + 1):
            self._note((*table, *keys[:length]), line)
        if self._next.text != "=":
            return False
        self._take()
        self._value((*table, *keys))
        return True

    def _key(self) -> list[str]:
        keys: list[str] = []
        while self._next.kind in {"bare", "text"} or self._next.text == ".":
            token = self._take()
            if token.kind == "text":
                keys.append(str(tomllib.loads(f"key = {token.text}")["key"]))
            elif token.kind == "bare":
                keys.append(token.text)
        return keys or [""]

    def _value(self, path: Path) -> None:
        if self._next.text == "[":
            self._list(path)
        elif self._next.text == "{":
            self._inline_table(path)
        else:
            while self._next.kind not in {"newline", "end"} and self._next.text not in {",", "]", "}"}:
                self._take()

    def _list(self, path: Path) -> None:
        self._take()
        for index in count():
            self._skip("\n")
            if self._next is _END or self._next.text in {"]", "}"}:
                break
            self._note((*path, index), self._next.line)
            self._value((*path, index))
            self._skip("\n", ",")
        self._take()

    def _inline_table(self, path: Path) -> None:
        self._take()
        while self._next is not _END and self._next.text != "}":
            if not self._assignment(path):
                break
            self._skip("\n", ",")
        self._take()

    def _skip(self, *texts: str) -> None:
        while self._next.text in texts:
            self._take()

    def _note(self, path: Path, line: int) -> None:
        self._lines.setdefault(path, line)
