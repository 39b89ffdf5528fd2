"""The syntax of DIRAC's configuration files.

::

    # a comment has a line of its own, as has the mark of a change:
    #@@-somebody@some_group - 2026-08-21 17:00:00
    Name
    {
      option = value
      list = first, second
      list += third
      Inner {
      }
    }

An option takes its whole line, and its value all behind the first ``=``: braces, hashes and further signs of equality. Names
are case-sensitive. White space around names and values does not count, nor do empty lines.

Where DIRAC's own reader takes what is most likely a mistake, and makes something else of it, this one says where it stands: a
name with nothing below it (there it becomes part of the next name), an option beside a brace (there the brace becomes part of
its name), an option called like a section (there the section is gone), a path as a name. What both refuse: braces that do not
match, a section that occurs twice, ``+=`` without an option to add to. An option that occurs twice counts as it stands last,
in both; here that is remarked upon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.dirac_cfg.tree import Section, listed
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 32
"""How deep sections may be nested; DIRAC's own configuration needs ten."""

_OPTION = re.compile(r"([^={}]*?)(\+?=)(.*)", re.DOTALL)
_BRACES = re.compile(r"([{}])")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Document:
    """What a text says.

    Attributes:
        root: the section that holds everything.
        remarks: what is probably not meant so, for people.
    """

    root: Section
    remarks: tuple[str, ...] = ()


def parse(body: bytes, place: str) -> Document:
    """What ``body`` says; ``place`` is what to call it in errors.

    Raises:
        MalformedAnswer: it is no such text; the error names the line.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = body.count(b"\n", 0, error.start) + 1
        raise MalformedAnswer(place, f"line {number}: this is not UTF-8 text") from error
    reader = _Reader(place)
    for number, line in enumerate(text.split("\n"), start=1):
        reader.read(line.strip(), number)
    return Document(reader.finished(), tuple(reader.remarks))


def written(section: Section, indent: str = "") -> str:
    """The text that says what is in ``section``, as DIRAC would write it."""
    return "".join(_lines(section, indent))


def _lines(section: Section, indent: str) -> Iterator[str]:
    for name, value in section.options.items():
        first, *others = listed(value) or ("",)
        yield f"{indent}{name} = {first}\n"
        yield from (f"{indent}{name} += {other}\n" for other in others)
    for name, inner in section:
        yield f"{indent}{name}\n{indent}{{\n{written(inner, indent + '  ')}{indent}}}\n"


@dataclass(slots=True)
class _Open:
    """A section that is being read."""

    name: str
    line: int
    section: Section
    options: dict[str, str] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @classmethod
    def below(cls, outer: _Open, name: str, line: int) -> _Open:
        return cls(name, line, _empty(outer.section.place, outer.section.path_of(name)))

    def closed(self) -> Section:
        return Section(self.options, self.sections, self.section.place, self.section.path, self.lines)


def _empty(place: str, path: str) -> Section:
    return Section(place=place, path=path)


class _Reader:
    """Takes a text line by line."""

    def __init__(self, place: str) -> None:
        self.remarks: list[str] = []
        self._place = place
        self._open = [_Open("", 0, _empty(place, ""))]
        self._name: tuple[str, int] | None = None

    def read(self, line: str, number: int) -> None:
        if not line or line.startswith("#"):
            return
        option = _OPTION.match(line)
        if option:
            self._take_option(option, number)
        elif "=" in line:
            raise self._wrong(number, f"an option stands on a line of its own, without braces: {_brief(line)}")
        else:
            for token in filter(None, map(str.strip, _BRACES.split(line))):
                self._take(token, number)

    def finished(self) -> Section:
        self._check_nothing_waits()
        if len(self._open) > 1:
            last = self._open[-1]
            raise self._wrong(last.line, f"section {last.section.path} is never closed")
        return self._open[0].closed()

    def _take(self, token: str, number: int) -> None:
        match token:
            case "{":
                self._begin(number)
            case "}":
                self._end(number)
            case name:
                self._check_nothing_waits()
                self._name = self._checked(name, number), number

    def _begin(self, number: int) -> None:
        if self._name is None:
            raise self._wrong(number, "there is a { without the name of a section before it")
        (name, line), self._name, outer = self._name, None, self._open[-1]
        if name in outer.lines:
            what = "a section" if name in outer.sections else "an option"
            raise self._wrong(line, f"there is {what} {outer.section.path_of(name)} already, in line {outer.lines[name]}")
        if len(self._open) > DEEPEST:
            raise self._wrong(line, f"sections are nested deeper than {DEEPEST}")
        outer.lines[name] = line
        outer.sections[name] = _empty(self._place, "")  # until it is closed
        self._open.append(_Open.below(outer, name, line))

    def _end(self, number: int) -> None:
        self._check_nothing_waits()
        if len(self._open) == 1:
            raise self._wrong(number, "there is a } more than there are sections to close")
        closed = self._open.pop()
        self._open[-1].sections[closed.name] = closed.closed()

    def _take_option(self, option: re.Match[str], number: int) -> None:
        self._check_nothing_waits()
        name, sign, value = self._checked(option[1].strip(), number), option[2], option[3].strip()
        into = self._open[-1]
        path = into.section.path_of(name)
        if name in into.sections:
            raise self._wrong(number, f"there is a section {path} already, in line {into.lines[name]}")
        if sign == "+=":
            if name not in into.options:
                raise self._wrong(number, f"there is no option {path} yet to which something could be added")
            into.options[name] += f", {value}"
            return
        if name in into.options:
            self.remarks.append(f"line {number}: {path} is there already, in line {into.lines[name]}: the later one counts.")
        into.options[name] = value
        into.lines[name] = number

    def _checked(self, name: str, number: int) -> str:
        if not name:
            raise self._wrong(number, "there is an option without a name")
        if "/" in name:
            raise self._wrong(
                number, f"{_brief(name)} cannot be a name: there is a slash in it, which divides the names of a path"
            )
        return name

    def _check_nothing_waits(self) -> None:
        if self._name:
            name, line = self._name
            raise self._wrong(line, f"{_brief(name)} is neither an option, which has a =, nor a section, which has a {{ next")

    def _wrong(self, number: int, problem: str) -> MalformedAnswer:
        return MalformedAnswer(self._place, f"line {number}: {problem}")


def _brief(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
