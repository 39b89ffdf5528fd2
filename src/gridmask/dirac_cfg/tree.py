"""A configuration as DIRAC understands it: sections that hold options and sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Section:
    """A section. Two are equal if the same is in them, wherever that stands.

    Attributes:
        options: the options' values by name, in their order. A list is one value, with commas.
        sections: the sections by name, in their order.
        place: what to call it in errors: the source, and the line where it begins if it has one.
        path: the names on the way to it, with slashes.
        lines: the line of each option and section, as far as there are lines.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)
    place: str = field(default="", compare=False)
    path: str = field(default="", compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def value(self, name: str) -> str:
        """The option ``name``; empty where there is none."""
        return self.options.get(name, "")

    def list(self, name: str) -> tuple[str, ...]:
        """The option ``name`` as the list that it is: the parts between commas, without those that are empty."""
        return listed(self.value(name))

    def section(self, name: str) -> Section:
        """The section ``name``; an empty one where there is none.

        Raises:
            MalformedAnswer: there is an option in its place.
        """
        if name in self.options:
            raise self.malformed(name, "is an option where there should be a section")
        return self.sections.get(name) or Section(place=self.place, path=self.path_of(name))

    def at(self, *path: str) -> Section:
        """The section at the end of ``path``, as :meth:`section` finds each on the way."""
        found = self
        for name in path:
            found = found.section(name)
        return found

    def path_of(self, name: str) -> str:
        """The path of an option or section of this one."""
        return f"{self.path}/{name}" if self.path else name

    def malformed(self, name: str, problem: str) -> MalformedAnswer:
        """The error that the option or section ``name`` is not as it should be."""
        return MalformedAnswer(self.place, f"{self.path_of(name)}{self.where(name)} {problem}")

    def where(self, name: str) -> str:
        """A remark on the line of ``name``; empty where it is not known."""
        return f" (line {self.lines[name]})" if name in self.lines else ""

    def __iter__(self) -> Iterator[tuple[str, Section]]:
        return iter(self.sections.items())


def listed(value: str) -> tuple[str, ...]:
    """The parts of ``value`` between commas, without those that are empty."""
    return tuple(part.strip() for part in value.split(",") if part.strip())
