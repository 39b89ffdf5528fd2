"""Places: what rows look like to the matches of many policies. Rows that look the same have the same answer, found once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from gridmask.domain.matching import Match, domain_of

if TYPE_CHECKING:
    from gridmask.domain.element import Element, RowKey

Look = str | Iterable[str]

LOOKS: Mapping[str, Callable[[RowKey, Element], Look]] = {
    "family": lambda row, _: row.element.family,
    "type": lambda row, _: row.element.type,
    "category": lambda _, element: element.category,
    "name": lambda row, _: row.element.name,
    "status_type": lambda row, _: row.status_type,
    "vo": lambda row, _: row.vo,
    "site": lambda _, element: element.site,
    "domain": lambda _, element: domain_of(element.site),
    "tags": lambda _, element: element.tags,
    "source": lambda _, element: element.source,
}
"""What each static match key is compared with, for a row of an element."""

Place = tuple[Look, ...]
"""All that some matches can tell of a row, whosever it is. Most policies ask for little, so that few places differ."""


class Places:
    """Tells which of ``matches`` agree with a place. Their key ``vo`` is left to whoever asks."""

    def __init__(self, matches: Iterable[Match]) -> None:
        self._numbers = {match: number for number, match in enumerate(dict.fromkeys(matches))}
        self._asked = [key for key in LOOKS if key != "vo" and any(match.constrains(key) for match in self._numbers)]
        self._looks = [LOOKS[key] for key in self._asked]
        self._agreeing: dict[Place, frozenset[int]] = {}

    def number(self, match: Match) -> int:
        """The number of one of the matches; those that say the same have the same."""
        return self._numbers[match]

    def of(self, row: RowKey, element: Element) -> Place:
        """The place of ``row``."""
        return tuple([look(row, element) for look in self._looks])

    def agreeing(self, place: Place) -> frozenset[int]:
        """The numbers of the matches that agree with ``place``."""
        found = self._agreeing.get(place)
        if found is None:
            seen = dict(zip(self._asked, place, strict=True))
            found = frozenset(number for match, number in self._numbers.items() if match.accepts(seen))
            self._agreeing[place] = found
        return found
