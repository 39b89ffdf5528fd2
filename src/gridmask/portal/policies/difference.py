"""Differences between two texts, line by line, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

AROUND = 3
"""So many lines are shown before and after what differs."""

MOST_COMPARED = 4_000_000
"""How many pairs of lines are compared at most; of longer texts all of the one goes, and all of the other comes."""


class Sort(StrEnum):
    """What a line is to a difference."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    GAP = "gap"

    @property
    def sign(self) -> str:
        """What it is marked with, as ``diff`` does."""
        return {"same": " ", "gone": "-", "new": "+", "gap": "⋯"}[self]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line: where it was, and where it is, counted from 1. A gap stands for all lines that are the same and not shown."""

    sort: Sort
    text: str = ""
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What it takes to make one text of another."""

    lines: tuple[DiffLine, ...]

    @property
    def added(self) -> int:
        """How many lines come."""
        return sum(line.sort is Sort.NEW for line in self.lines)

    @property
    def removed(self) -> int:
        """How many lines go."""
        return sum(line.sort is Sort.GONE for line in self.lines)


Opcode = tuple[str, int, int, int, int]


def difference(before: str, after: str) -> Difference:
    """What differs between two texts; nothing, where only the ends of their lines do."""
    old, new = before.splitlines(), after.splitlines()
    groups = _grouped(_opcodes(old, new))
    lines = [line for group in groups for line in _lines(group, old, new)]
    return Difference(tuple(lines))


def unified(text: str) -> str:
    """``text`` with its lines ended as they are on this side, whatever a browser made of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """How ``old`` becomes ``new``. What both begin and end with is set aside first: most differences are small."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    middle: list[Opcode]
    if len(left) * len(right) > MOST_COMPARED:
        middle = [("replace", 0, len(left), 0, len(right))]
    else:
        matcher = SequenceMatcher(None, left, right, autojunk=False)
        middle = [(tag, a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes()]
    moved = [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in middle]
    first: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    last: list[Opcode] = [("equal", len(old) - tail, len(old), len(new) - tail, len(new))] if tail else []
    return [*first, *moved, *last]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return number
    return min(len(one), len(other))


def _grouped(opcodes: list[Opcode]) -> Iterator[Opcode]:
    """``opcodes``, with what is the same cut down to what is around differences; what is left out is told as a gap."""
    if all(tag == "equal" for tag, *_ in opcodes):
        return
    for number, (tag, a, b, c, d) in enumerate(opcodes):
        before = AROUND if number else 0
        behind = AROUND if number < len(opcodes) - 1 else 0
        if tag != "equal" or b - a <= before + behind + 1:
            yield tag, a, b, c, d
            continue
        yield "equal", a, a + before, c, c + before
        yield "gap", a + before, b - behind, c + before, d - behind
        yield "equal", b - behind, b, d - behind, d


def _lines(opcode: Opcode, old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    tag, a, b, c, d = opcode
    if tag == "gap":
        yield DiffLine(Sort.GAP, f"{b - a:,} lines that stay")
    elif tag == "equal":
        for shift in range(b - a):
            yield DiffLine(Sort.SAME, old[a + shift], a + shift + 1, c + shift + 1)
    else:
        for number in range(a, b):
            yield DiffLine(Sort.GONE, old[number], number + 1)
        for number in range(c, d):
            yield DiffLine(Sort.NEW, new[number], None, number + 1)
