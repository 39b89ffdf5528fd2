"""Which elements and rows somebody means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridmask.domain.element import Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.errors import Ambiguous, InvalidConfiguration, InvalidRequest, NotKnown
from gridmask.domain.matching import KEYS, NOT, STATIC_KEYS, Match
from gridmask.domain.policy import static_values
from gridmask.domain.rights import Action
from gridmask.domain.row import seen_by
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.vo import ALL
from gridmask.policies.files import match_of
from gridmask.service.offers import require_offered
from gridmask.store import elements, statuses

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.events import Sight
    from gridmask.service.vos import Vos

MOST_ROWS = 1000
"""So many rows are dealt with at once at most."""

MOST_MATCHES = 20
"""So many matches may choose them: each may look at the whole inventory, while nobody else can write."""

OF_ELEMENTS = tuple(key for key in STATIC_KEYS if key not in {"status_type", "vo"})
"""Match keys that say something of an element as such."""


@dataclass(frozen=True, slots=True)
class ElementName:
    """An element as people call it: by name, and by type and family where the name alone could mean several."""

    name: str
    type: str | None = None
    family: str | None = None

    def __str__(self) -> str:
        return f"{self.type} {self.name}" if self.type else self.name

    def can_mean(self, element: Element) -> bool:
        """Whether ``element`` may be what is called so."""
        family, type_, name = element.key
        return self.name == name and self.type in {None, type_} and self.family in {None, family}


@dataclass(frozen=True, slots=True)
class RowName:
    """A row as people call it. ``status_type`` None: every one that its type has."""

    element: ElementName
    status_type: str | None = None
    vo: str = ALL


@dataclass(frozen=True, slots=True)
class RowMatch:
    """Rows by what they are: those that agree, of all elements in the inventory that are offered to ``vo``, for it."""

    match: Match
    vo: str = ALL

    def __str__(self) -> str:
        return " ".join(f"{key}={','.join(patterns)}" for key, patterns in self.match.patterns)


Chosen = RowName | RowMatch
"""How people say which rows they mean."""


def rows_that_match(patterns: Mapping[str, str | Sequence[str]], vo: str = ALL) -> RowMatch:
    """The rows for which ``patterns`` hold: keys and values are those of a policy's ``match``, but for the VO.

    Raises:
        InvalidRequest: there is no such key, nothing can have such a value, or there is no pattern at all.
    """
    if "vo" in patterns:
        raise InvalidRequest("Say for which VO apart from the match.")
    return RowMatch(_match(patterns), vo)


def elements_that_match(patterns: Mapping[str, str | Sequence[str]]) -> Match:
    """As above, for elements.

    Raises:
        InvalidRequest: as above.
    """
    if strange := sorted(patterns.keys() & (set(KEYS) - set(OF_ELEMENTS))):
        raise InvalidRequest(f"{strange[0]!r} says nothing of an element as such; {', '.join(OF_ELEMENTS)} do.")
    return _match(patterns)


def _match(patterns: Mapping[str, str | Sequence[str]]) -> Match:
    if not patterns:
        raise InvalidRequest("A match without any pattern would mean everything; say what you mean.")
    try:
        return match_of({key: (one,) if isinstance(one, str) else tuple(one) for key, one in patterns.items()})
    except InvalidConfiguration as error:
        raise InvalidRequest("; ".join(f"{'.'.join(map(str, path))}: {text}" for path, text in error.details)) from error


async def authorised(actor: Actor, vos: Vos, chosen: Iterable[Chosen], action: Action) -> tuple[Chosen, ...]:
    """``chosen``, with the canonical names of VOs, once it is clear that ``actor`` may do ``action`` to all of it.

    Raises:
        Forbidden, NotKnown: there is no such VO. InvalidRequest: there are too many rows or matches, or none.
    """
    named = tuple(chosen)
    known = {called: await vos.resolve(called) for called in dict.fromkeys(one.vo for one in named)}
    wanted = tuple(replace(one, vo=known[one.vo]) for one in named)
    if not 0 < len(wanted) <= MOST_ROWS:
        raise InvalidRequest(f"Name between 1 and {MOST_ROWS:,} rows.")
    if (matches := sum(isinstance(one, RowMatch) for one in wanted)) > MOST_MATCHES:
        raise InvalidRequest(f"These are {matches:,} matches; at most {MOST_MATCHES:,} are tried at once.")
    for vo in sorted({one.vo for one in wanted}):
        actor.require(action, vo)
    return wanted


async def keys_of(connection: AsyncConnection, chosen: Iterable[Chosen], types: TypeRegistry) -> tuple[RowKey, ...]:
    """The rows that are ``chosen``, each once.

    Raises:
        NotKnown: there is no such element or status type. Ambiguous: a name could mean several.
        NotOffered: a row is named of what its VO may not use. InvalidRequest: nothing agrees with a match, or too much.
    """
    wanted = tuple(chosen)
    there = await _there(connection, (one.element for one in wanted if isinstance(one, RowName)))
    found: dict[RowKey, None] = {}
    for one in wanted:
        if isinstance(one, RowName):
            found.update(dict.fromkeys(_named(there[one.element], one, types)))
        else:
            found.update(dict.fromkeys(await _matching(connection, one, types)))
    if len(found) > MOST_ROWS:
        raise InvalidRequest(f"These are {len(found):,} rows; at most {MOST_ROWS:,} are dealt with at once. Nothing was done.")
    return tuple(found)


def sight(keys: Sequence[RowKey], seen: Sight | None) -> Mapping[RowKey, Sight]:
    """What a person saw of each of ``keys``; None: that does not matter.

    Raises:
        InvalidRequest: it is said which revision one row has to have, and there are several.
    """
    if isinstance(seen, frozenset) and len(keys) > 1:
        raise InvalidRequest(
            f"If-Match is about one row, and these are {len(keys):,}: say which status type, or, for several rows, since which "
            "revision none of them may have changed ('seen')."
        )
    return {} if seen is None else dict.fromkeys(keys, seen)


def vos_of(keys: Iterable[RowKey]) -> frozenset[str]:
    """The VOs whose rows these are."""
    return frozenset(key.vo for key in keys)


def _named(element: Element, called: RowName, types: TypeRegistry) -> Collection[RowKey]:
    require_offered(element, called.vo)
    return row_keys(element.key, called, types)


async def _matching(connection: AsyncConnection, chosen: RowMatch, types: TypeRegistry) -> Collection[RowKey]:
    inventory = await elements.beginning(connection, _prefixes(chosen.match))
    keys = [
        RowKey(element.key, status_type, chosen.vo)
        for element in inventory.values()
        if element.is_offered_to(chosen.vo)
        for status_type in types.status_types(element.key)
    ]
    # what is known without looking at rows narrows them down to those that must be looked at
    found = [key for key in keys if chosen.match.accepts(static_values(key, inventory[key.element]))]
    if chosen.match.is_dynamic:
        about = {key.element for key in found}
        numbers = (await elements.ids(connection, about)).values() if len(about) < _MANY else None
        rows = group(await statuses.outlines(connection, {chosen.vo, ALL}, numbers))
        seen = {key: seen_by(key.vo, key.status_type, rows.get(key.element, NO_ROWS)) for key in found}
        # who holds the row of all holds none of a VO that only reads it
        owners = {k: row.token.owner if row and row.token and row.key.vo == k.vo else "" for k, row in seen.items()}
        told = {k: {"status": row.status.label, "token_owner": owners[k]} for k, row in seen.items() if row is not None}
        found = [key for key in found if key in told and chosen.match.accepts(told[key])]
    if not found:
        raise InvalidRequest(f"Nothing in the inventory that is offered to {chosen.vo} agrees with {chosen}.")
    return sorted(found)


def _prefixes(match: Match) -> Mapping[str, Collection[str]]:
    """How columns of what agrees with ``match`` begin, as far as that can be told: it saves looking at a whole inventory."""
    found = {}
    for key, patterns in match.patterns:
        begins = {_WILD.split(pattern, 1)[0][:_LONGEST] for pattern in patterns if not pattern.startswith(NOT)}
        if key in _COLUMNS and "" not in begins and 0 < len(begins) < _LONGEST:
            found[key] = begins
    return found


_COLUMNS = frozenset({"family", "type", "category", "name", "site", "source"})
_WILD = re.compile(r"[*?[]")
_LONGEST = 60
_MANY = 2000


async def find(connection: AsyncConnection, called: ElementName, *, gone: bool = False) -> Element:
    """The element that is ``called`` so. ``gone``: if none in the inventory is, one that was there, or was heard of.

    Raises:
        NotKnown: there is none.
        Ambiguous: there are several.
    """
    found = await elements.named(connection, called.name, called.type, called.family)
    if gone and not found:
        found = await elements.named(connection, called.name, called.type, called.family, gone=True)
    return await _only(connection, called, found)


async def _there(connection: AsyncConnection, called: Iterable[ElementName]) -> Mapping[ElementName, Element]:
    """The elements in the inventory that are ``called`` so, asked for together: there may be a thousand.

    Raises:
        NotKnown, Ambiguous: as for :func:`find`.
    """
    wanted = dict.fromkeys(called)
    by_name = await elements.called(connection, {one.name for one in wanted})
    return {one: await _only(connection, one, list(filter(one.can_mean, by_name.get(one.name, ())))) for one in wanted}


async def _only(connection: AsyncConnection, called: ElementName, found: Sequence[Element]) -> Element:
    """The one that was ``found``.

    Raises:
        NotKnown, Ambiguous: as for :func:`find`.
    """
    if not found:
        raise NotKnown(called.type or "element", called.name, await elements.names(connection, called.type))
    if len(found) > 1:
        raise Ambiguous(f"{called.name!r}", (f"{e.key.family} of type {e.key.type}" for e in found))
    return found[0]


async def find_elements(connection: AsyncConnection, chosen: Iterable[ElementName | Match]) -> frozenset[ElementKey]:
    """The elements that are ``chosen``.

    Raises:
        NotKnown, Ambiguous: as for :func:`find`. InvalidRequest: nothing agrees with a match.
    """
    wanted = tuple(chosen)
    there = await _there(connection, (one for one in wanted if isinstance(one, ElementName)))
    found = {element.key for element in there.values()}
    for one in wanted:
        if isinstance(one, ElementName):
            continue
        inventory = await elements.beginning(connection, _prefixes(one))
        agreeing = {key for key, e in inventory.items() if one.accepts(static_values(RowKey(key, "", ALL), e))}
        if not agreeing:
            raise InvalidRequest(f"Nothing in the inventory agrees with {RowMatch(one)}.")
        found |= agreeing
    return frozenset(found)


def row_keys(element: ElementKey, called: RowName, types: TypeRegistry) -> tuple[RowKey, ...]:
    """The rows of ``element`` that are ``called`` so.

    Raises:
        NotKnown: its type has no such status type.
    """
    declared = types.status_types(element)
    if called.status_type is None:
        return tuple(RowKey(element, status_type, called.vo) for status_type in declared)
    if called.status_type not in declared:
        raise NotKnown(f"status type of {element.type}", called.status_type, declared)
    return (RowKey(element, called.status_type, called.vo),)
