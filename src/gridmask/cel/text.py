"""The text of a condition: what may stand in it, so that evaluating it takes little time and memory, whatever it is.

The language has no loops, but two things grow: what is put together again and again, and nested ``exists``. So nothing can be
put together, and few things can be nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

LONGEST = 1000
"""So many characters a condition may have."""

_DEEPEST = 12
_MOST_MACROS = 8
_DEEPEST_MACROS = 2

MACROS = frozenset({"all", "exists", "exists_one", "filter"})
"""What goes through a list."""

_REFUSED: Mapping[str, str] = {
    "map": "makes new lists, which is not allowed here; use exists, all or filter",
    "dyn": "would hide mistakes that are found now",
    "type": "would hide mistakes that are found now",
}

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|//[^\n]*)
    |(?P<text>'[^'\n]*'|"[^"\n]*")
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<mark>&&|\|\||[<>=!]=|[-()\[\].,?:<>!+*/%])
    |(?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)


class Complaint(Exception):
    """What is wrong with a condition, and where; lines and columns count from 1."""

    def __init__(self, said: str, line: int = 1, column: int = 1, near: str = "") -> None:
        super().__init__(f"line {line}, column {column}: {said}" + (f" (near {near!r})" if near else ""))


class Failed(Exception):
    """A condition could not be evaluated; the text says why."""


class Token(NamedTuple):
    """A piece of a condition. ``kind``: text, number, name or mark; ``start`` counts characters from 0."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def tokens(source: str) -> tuple[Token, ...]:
    """The pieces of ``source``.

    Raises:
        Complaint: it is too long, or nothing that may be written.
    """
    if not source.strip():
        raise Complaint("is empty; write a condition, such as space.free < volume('5 TB')")
    if len(source) > LONGEST:
        raise Complaint(f"has {len(source):,} characters, and may have {LONGEST:,}; make it several cases")
    for refused, why in (("\\", "backslashes"), ("'''", "triple quotes"), ('"""', "triple quotes")):
        if refused in source:
            raise complaint(source, source.index(refused), f"{why} have no place here; write texts as 'text' or \"text\"")
    found = tuple(Token(m.lastgroup or "", m.group(), m.start()) for m in _TOKEN.finditer(source) if m.lastgroup != "space")
    for token in found:
        if token.kind == "stray":
            quote = token.text in {"'", '"'}
            raise complaint(source, token.start, "this text has no end" if quote else f"{token.text!r} has no place here")
    return found


def complaint(source: str, position: int, said: str) -> Complaint:
    """``said``, about what stands at ``position`` in ``source``, counted from 0."""
    line_start = source.rfind("\n", 0, position) + 1
    return Complaint(said, source.count("\n", 0, position) + 1, position - line_start + 1, near(source, position))


def near(source: str, position: int) -> str:
    """The pieces of ``source`` around ``position``."""
    pieces = [m for m in _TOKEN.finditer(source) if m.lastgroup != "space"]
    at = next((i for i, m in enumerate(pieces) if m.end() > position), len(pieces) - 1)
    around = pieces[max(0, at - 2) : at + 3]
    return source[around[0].start() : around[-1].end()] if around else ""


def bound(source: str, found: tuple[Token, ...]) -> None:
    """Make sure that ``found``, the pieces of ``source``, ask for little.

    Raises:
        Complaint: they do not.
    """
    macros = 0
    for token, within in _nested(found):
        if problem := _refusal(token, within):
            raise complaint(source, token.start, problem)
        macros += token.text in MACROS
        if macros > _MOST_MACROS:
            raise complaint(source, token.start, f"{'/'.join(sorted(MACROS))} may stand in it {_MOST_MACROS} times at most")
    for before, token in pairwise(found):
        if token.text == "(" and before.text in _REFUSED:
            raise complaint(source, before.start, f"{before.text}() {_REFUSED[before.text]}")


def _refusal(token: Token, within: tuple[str, ...]) -> str:
    if len(within) > _DEEPEST:
        return f"brackets may be nested {_DEEPEST} deep"
    if within.count("macro") > _DEEPEST_MACROS:
        return f"{'/'.join(sorted(MACROS))} may be nested {_DEEPEST_MACROS} deep"
    if "macro" in within and token.text == "matches":
        return "matches() takes too long for each of a list; use contains, startsWith or endsWith"
    constant = token.kind in {"text", "number"} or token.text in {"-", ",", "]", "true", "false"}
    if within and within[-1] == "list" and not constant:
        return "a list that is written down here may hold constants only"
    return ""


def _nested(found: tuple[Token, ...]) -> Iterator[tuple[Token, tuple[str, ...]]]:
    """Each token with the brackets that it stands in: ``(``, ``macro``, ``index`` or ``list``."""
    stack: list[str] = []
    before = Token("mark", "", 0)
    for token in found:
        yield token, tuple(stack)
        if token.text == "(":
            stack.append("macro" if before.text in MACROS else "(")
        elif token.text == "[":
            stack.append("index" if before.kind in {"name", "text"} or before.text in {")", "]"} else "list")
        elif token.text in {")", "]"} and stack:
            stack.pop()
        before = token


def calls_of_constants(found: tuple[Token, ...]) -> Iterator[tuple[Token, Token]]:
    """Each function or method that is called with nothing but a text, and that text: such calls can be tried at once."""
    for name, opening, text, closing in zip(found, found[1:], found[2:], found[3:], strict=False):
        if (name.kind, opening.text, text.kind, closing.text) == ("name", "(", "text", ")"):
            yield name, text


def fields_named(found: tuple[Token, ...]) -> tuple[tuple[str, str], ...]:
    """The ``variable.field`` that stand in it, each once, in their order."""
    three = zip(found, found[1:], found[2:], strict=False)
    named = [(a.text, b.text) for a, dot, b in three if (a.kind, dot.text, b.kind) == ("name", ".", "name")]
    return tuple(dict.fromkeys(named))


def names(found: tuple[Token, ...]) -> frozenset[str]:
    """All names that stand in it."""
    return frozenset(token.text for token in found if token.kind == "name")
