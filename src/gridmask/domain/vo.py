"""Virtual Organisations: one canonical name each, however it is spelled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest, NotKnown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALL = "all"
"""The row that counts for every VO without a row of its own."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}")


def canonical(name: str) -> str:
    """The canonical form of a VO's name: without surrounding space, in lower case (``CMS`` is ``cms``).

    Raises:
        InvalidRequest: no VO can have this name.
    """
    folded = name.strip().casefold()
    if not _NAME.fullmatch(folded):
        raise InvalidRequest(
            f"{name!r} cannot be a VO's name: up to 64 letters, digits and . _ + - are allowed, and a letter or digit first."
        )
    return folded


@dataclass(frozen=True, slots=True)
class VoRegistry:
    """The VOs that exist, and the other names that they go by.

    ``aliases`` maps each further name to a canonical one. Both hold canonical forms only; :data:`ALL` is not a VO.
    """

    names: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def resolve(self, name: str) -> str:
        """The canonical name of the VO that goes by ``name``; :data:`ALL` stands for itself.

        Raises:
            NotKnown: no VO goes by this name.
        """
        folded = name.strip().casefold()
        found = folded if folded == ALL else self.aliases.get(folded, folded)
        if found == ALL or found in self.names:
            return found
        raise NotKnown("VO", name, [*self.names, *self.aliases, ALL])

    def with_names(self, names: Iterable[str]) -> VoRegistry:
        """This registry and ``names``; an alias of a VO that is known adds nothing."""
        found = {self.aliases.get(canonical(name), canonical(name)) for name in names}
        return VoRegistry(self.names | (found - {ALL}), self.aliases)
