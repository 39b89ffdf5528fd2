"""Whom and what DIRAC's names mean here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gridmask.dirac_db import translate
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.vo import ALL, VoRegistry, canonical

if TYPE_CHECKING:
    from gridmask.dirac_db.record import Record


class Naming:
    """What is known of names: the types of elements, the VOs, and the owners whose names were cut."""

    def __init__(self, known: Iterable[ElementKey], vos: VoRegistry, owners: Mapping[str, str]) -> None:
        """``known``: the elements that there are. ``owners``: by what DIRAC cut them to, names as they were."""
        self.vos = vos
        self.owners = owners
        self._types: dict[tuple[str, str], str] = {}
        self._vos: dict[str, str | None] = {}
        ambiguous: set[tuple[str, str]] = set()
        for family, type_, name in known:
            if self._types.setdefault((family, name), type_) != type_:
                ambiguous.add((family, name))
        for one in ambiguous:
            del self._types[one]

    def learn(self, family: str, types: Mapping[str, str]) -> None:
        """Note of which types the elements with these names are, where that is not known."""
        for name, said in types.items():
            type_ = translate.type_of(family, said)
            if type_:
                self._types.setdefault((family, name.strip()), type_)

    def element(self, record: Record) -> ElementKey | None:
        """The element that a record is about; None: nothing says what it is."""
        family, name = record.table.family, record.name.strip()
        type_ = translate.type_of(family, record.element_type) or self._types.get((family, name))
        return ElementKey(family, type_, name) if type_ and name else None

    def vo(self, said: str) -> str | None:
        """The name of the VO called ``said``, whether or not it is known; None: no VO can be called so."""
        if said not in self._vos:
            self._vos[said] = self._resolved(said)
        return self._vos[said]

    def knows(self, vo: str) -> bool:
        """Whether a VO, by its name here, exists."""
        return vo == ALL or vo in self.vos.names

    def _resolved(self, said: str) -> str | None:
        try:
            return self.vos.resolve(said or ALL)
        except NotKnown:
            try:
                return canonical(said)
            except InvalidRequest:
                return None
