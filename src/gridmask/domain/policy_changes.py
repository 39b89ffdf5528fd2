"""Changes of policy: which rows are concerned when other policies come into force, so that all others can be left alone.

A row is concerned where a policy that is not the same in both sets has a say about it, or had. What holds for a whole set, such
as when a row may leave ``Probing``, concerns every row. Whatever follows rows that are concerned, as a site may follow its
resources, is found as after any other event (:mod:`gridmask.domain.neighbours`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from gridmask.domain.element import RowKey
from gridmask.domain.matching import ANY_ROW, Match
from gridmask.domain.places import LOOKS
from gridmask.domain.policy import PolicySet
from gridmask.domain.state import NO_ROWS
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.element import Element, ElementKey, TypeRegistry
    from gridmask.domain.row import Row
    from gridmask.domain.state import State

_OF_SOME_ROWS = frozenset({"policies", "own"})
"""What of a policy set is about the rows that match it."""

_OF_NO_ROW = frozenset({"revision", "tokens"})
"""What of it makes no row another: what is customary counts for the tokens that are taken from now on."""


@dataclass(frozen=True, eq=False)
class PolicyChange:
    """That the policies ``after`` come into force in place of ``before``; None: nobody knows in place of which."""

    before: PolicySet | None
    after: PolicySet
    _differing: dict[str, frozenset[Match]] = field(default_factory=dict, repr=False)

    @cached_property
    def is_general(self) -> bool:
        """Whether it concerns every row."""
        if self.before is None:
            return True
        told = [f.name for f in fields(PolicySet) if f.repr and f.name not in _OF_SOME_ROWS | _OF_NO_ROW]
        return any(getattr(self.before, name) != getattr(self.after, name) for name in told)

    def differing(self, vo: str) -> frozenset[Match]:
        """What the policies match that are not the same for ``vo`` as before."""
        if self.is_general:
            return frozenset({ANY_ROW})
        layer = vo if vo in self._layers else ALL
        if layer not in self._differing:
            self._differing[layer] = frozenset((*self._others(layer), *self._other_evidence(layer)))
        return self._differing[layer]

    def concerns(self, row: RowKey, element: Element) -> bool:
        """Whether something else has a say about ``row`` than before."""
        differing = self.differing(row.vo)
        if not differing:
            return False
        seen = {key: look(row, element) for key, look in LOOKS.items()}
        return any(match.accepts(seen) for match in differing)

    def elements(self, elements: Iterable[Element], types: TypeRegistry, vos: frozenset[str]) -> Iterator[ElementKey]:
        """Those of ``elements`` of which any row is concerned, there or to come, of a VO that may use them or of ``all``."""
        alike: dict[frozenset[Match], list[str]] = {}
        for vo in sorted(vos | {ALL}):
            alike.setdefault(self.differing(vo), []).append(vo)
        for element in elements:
            rows = [RowKey(element.key, aspect, ALL) for aspect in types.status_types(element.key)]
            if any(_any_agrees(row, element, matches, of) for row in rows for matches, of in alike.items()):
                yield element.key

    @cached_property
    def _both(self) -> tuple[PolicySet, PolicySet]:
        return self.before or self.after, self.after

    @cached_property
    def _layers(self) -> frozenset[str]:
        """The layers in which anything is said, before or after; what others go by is said for ``all``."""
        return frozenset(said.layer for one in self._both for said in one.policies) | {
            own.vo for one in self._both for own in one.own
        }

    def _others(self, layer: str) -> Iterator[Match]:
        before, after = ({policy.name: policy for policy in one.effective(layer)} for one in self._both)
        in_order = [name for name in before if name in after] == [name for name in after if name in before]
        for name in before.keys() | after.keys():
            # in another order they say the same, and yet the reasons of a row are others
            if not in_order or before.get(name) != after.get(name):
                yield from (one[name].match for one in (before, after) if name in one)

    def _other_evidence(self, layer: str) -> Iterator[Match]:
        before, after = ({own for own in one.own if own.vo == layer} for one in self._both)
        return (own.match for own in before ^ after)


def _any_agrees(row: RowKey, element: Element, matches: Collection[Match], vos: Iterable[str]) -> bool:
    """Whether any of ``matches`` agrees with such a row of any of ``vos``."""
    if not matches:
        return False
    seen = {key: look(row, element) for key, look in LOOKS.items() if key != "vo"}
    near = [match for match in matches if match.accepts(seen)]
    return any(match.accepts({"vo": vo}) for match in near for vo in vos if element.is_offered_to(vo))


def adopted(state: State, change: PolicyChange) -> tuple[State, frozenset[ElementKey]]:
    """``state`` with other policies in force, and the elements with rows that are concerned.

    These rows are marked with the revision by which they are about to be judged. All others keep that by which they were:
    judged by a later one, they would be what they are.
    """
    touched = set(change.elements(state.elements.values(), state.types, state.vos))
    draft = state.rows.mutate()
    for key, element in state.elements.items():
        if key not in touched and not element.offered:
            continue
        rows = state.rows.get(key, NO_ROWS)
        # there can be more than those of the VOs that may use it: people may hold others
        suspect = (row for row in rows.values() if key in touched or not element.is_offered_to(row.key.vo))
        marked = {row.key[1:]: _marked(row, change.after.revision) for row in suspect if change.concerns(row.key, element)}
        if marked:
            touched.add(key)
            draft[key] = {**rows, **marked}
    return replace(state, policies=change.after, rows=draft.finish()), frozenset(touched)


def _marked(row: Row, revision: str) -> Row:
    return row if row.policy_revision == revision else replace(row, policy_revision=revision)
