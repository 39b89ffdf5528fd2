"""What has been found in a configuration so far."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.element import Element, ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidRequest, MalformedAnswer
from gridmask.domain.vo import ALL, canonical
from gridmask.inventory.publication import Publication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gridmask.dirac_cfg.tree import Section

TYPES = TypeRegistry()
"""The built-in types: all that DIRAC knows is of one of them."""

LONGEST_NAME = 255
"""The most characters that a name can have to be kept."""

STANDS = "What was known of it stands."


@dataclass(slots=True)
class Finds:
    """Gathers elements, VOs and problems; ``source`` is what the elements belong to."""

    source: str
    elements: list[Element] = field(default_factory=list)
    unreadable: list[ElementKey] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    vos: set[str] = field(default_factory=set)
    conclusive: bool = True
    _no_vos: Counter[str] = field(default_factory=Counter)

    def take(self, section: Section, key: ElementKey, make: Callable[[], Element]) -> None:
        """Take the element called ``key`` that ``make`` makes, or note why there is none; it stands in ``section``."""
        if len(key.name) > LONGEST_NAME or not key.name.isprintable():
            self.conclusive = False
            told = f"{section.path[:LONGEST_NAME]!r} cannot be kept: a name has at most {LONGEST_NAME} printable characters."
            self.problems.append(f"{told} It is left out, and nothing counts as withdrawn by this answer.")
            return
        try:
            self.elements.append(make())
        except MalformedAnswer as error:
            self.unreadable.append(key)
            self.problems.append(f"{error}. {STANDS}")

    def offered(self, *sections: Section) -> frozenset[str]:
        """The VOs that the first of ``sections`` names that names any; empty is everyone.

        Raises:
            MalformedAnswer: it names none that can be.
        """
        for section in sections:
            if names := section.list("VO"):
                if found := self.vos_called(names):
                    return found
                raise section.malformed("VO", f"names no VO that can be: {', '.join(map(repr, names))[:200]}")
        return frozenset()

    def vos_called(self, names: Iterable[str]) -> frozenset[str]:
        """The canonical names of VOs; a name that none can have is passed over, and told later."""
        found = frozenset(vo for name in names if (vo := self._vo(name)))
        self.vos |= found
        return found

    def published(self) -> Publication:
        """All of it."""
        strange = (
            f"{name!r}, which occurs {_times(count)}, can be no VO's name: passed over." for name, count in self._strange()
        )
        return Publication.of(
            self.elements,
            vos=self.vos,
            unreadable=self.unreadable,
            conclusive=self.conclusive,
            problems=(*self.problems, *strange),
        )

    def _strange(self) -> list[tuple[str, int]]:
        return sorted(self._no_vos.items())

    def _vo(self, name: str) -> str | None:
        try:
            vo = canonical(name)
        except InvalidRequest:
            vo = ALL
        if vo == ALL:
            self._no_vos[name[:LONGEST_NAME]] += 1
            return None
        return vo


def key_of(type_: str, name: str) -> ElementKey:
    """The key of the element of a built-in type that is called ``name``."""
    return ElementKey(TYPES.get(type_).family, type_, name)


def host_of(text: str) -> str | None:
    """The host that ``text`` names, with or without a port; None where it is a word that happens to stand there."""
    match = _HOST.fullmatch(text.strip().lower())
    return match[1] if match and len(match[1]) <= LONGEST_NAME else None


def hosts_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The hosts that ``texts`` name, in order, each once."""
    return tuple(sorted({host for text in texts if (host := host_of(text))}))


def told(**facts: object) -> dict[str, object]:
    """Those ``facts`` that say something."""
    return {name: fact for name, fact in facts.items() if fact not in (None, "", (), [], {}, frozenset())}


_LABEL = "[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?"
_HOST = re.compile(rf"((?:{_LABEL}\.)+{_LABEL})\.?(?::[0-9]{{1,5}})?")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
