"""Which rows policies govern: all that can be told of a set of policies from an inventory, without any evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.element import RowKey, TypeRegistry
from gridmask.domain.matching import STATIC_KEYS
from gridmask.domain.policy import static_values
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.policy import Policy, PolicySet


class PolicyName(NamedTuple):
    """The identity of a policy: whose it is, and what it is called there."""

    layer: str
    name: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is: elements, their types, and the VOs that exist."""

    elements: tuple[Element, ...]
    types: TypeRegistry = field(default_factory=TypeRegistry)
    vos: frozenset[str] = frozenset()

    def rows(self, vo: str = ALL) -> Iterator[tuple[RowKey, Element]]:
        """Every row that ``vo`` can have, with its element."""
        for element in self.elements:
            if element.is_offered_to(vo):
                for status_type in self.types.status_types(element.key):
                    yield RowKey(element.key, status_type, vo), element


@dataclass(frozen=True, slots=True)
class Governance:
    """How many rows each policy governs.

    Every row counts once for each VO that reads it, whether or not it has one of its own, and once for
    :data:`~gridmask.domain.vo.ALL`. What a match says of a row's state is passed over: that changes.

    Attributes:
        rows: by policy, and then by VO.
        total: all rows, by VO.
        ungoverned: those that no policy has a say about, advisory ones apart, by VO.
    """

    rows: Mapping[PolicyName, Mapping[str, int]]
    total: Mapping[str, int]
    ungoverned: Mapping[str, int]

    def of(self, policy: Policy) -> Mapping[str, int]:
        """How many rows ``policy`` governs, by VO; VOs of which it governs none are left out."""
        return self.rows.get(PolicyName(policy.layer, policy.name), {})


def governance(policies: PolicySet, inventory: Inventory, known: Field | None = None) -> Governance:
    """How many rows of ``inventory`` each of ``policies`` governs; ``known`` is the field of both, if there is one already."""
    found = known or Field(policies, inventory)
    rows: dict[PolicyName, Counter[str]] = {}
    total: Counter[str] = Counter()
    ungoverned: Counter[str] = Counter()
    for vo in (ALL, *sorted(inventory.vos)):
        for governing, count in found.governed(vo, policies):
            total[vo] += count
            if not voting(governing):
                ungoverned[vo] += count
            for policy in governing:
                rows.setdefault(PolicyName(policy.layer, policy.name), Counter())[vo] += count
    return Governance(rows, total, ungoverned)


class Field:
    """The rows of an inventory, in groups that no policy tells apart: there are few of these, however many elements and VOs.

    Which policies a value of a match key agrees with is worked out once, and kept as the bits of a number.
    """

    def __init__(self, policies: PolicySet, inventory: Inventory) -> None:
        self._policies = policies.policies
        self._bits: dict[tuple[str, object], int] = {}
        self._groups: Counter[tuple[frozenset[str], int]] = Counter()
        self.values: dict[str, set[str | Iterable[str]]] = {key: set() for key in STATIC_KEYS}
        for row, element in inventory.rows():
            agreeing = -1
            for key, value in static_values(row, element).items():
                if key != "vo":
                    self.values[key].add(value)
                    agreeing &= self._agreeing(key, value)
            self._groups[element.offered, agreeing] += 1
        self.values["vo"] = {ALL, *inventory.vos}

    def governed(self, vo: str, policies: PolicySet) -> Iterator[tuple[list[Policy], int]]:
        """The rows of ``vo`` in groups: which of its ``policies`` govern them, and how many they are.

        ``policies`` may be a part of those that the field was made for.
        """
        effective = {PolicyName(policy.layer, policy.name) for policy in policies.effective(vo)}
        for policies_, count in self._agreeing_of(vo):
            yield [policy for policy in policies_ if PolicyName(policy.layer, policy.name) in effective], count

    def lost(self, vo: str, before: Policy, after: Policy) -> int:
        """How many rows of ``vo`` the match of ``before`` describes and that of ``after`` does not."""
        first, second = PolicyName(before.layer, before.name), PolicyName(after.layer, after.name)
        lost = 0
        for policies, count in self._agreeing_of(vo):
            agreeing = names(policies)
            lost += count * (first in agreeing and second not in agreeing)
        return lost

    def _agreeing_of(self, vo: str) -> Iterator[tuple[list[Policy], int]]:
        """The rows of ``vo`` in groups: the policies whose match agrees, whosoever they are, and how many rows."""
        of_vo = self._agreeing("vo", vo)
        counted: Counter[int] = Counter()
        for (offered, agreeing), count in self._groups.items():
            if not offered or vo == ALL or vo in offered:
                counted[agreeing & of_vo] += count
        for bits, count in counted.items():
            yield [policy for number, policy in enumerate(self._policies) if bits >> number & 1], count

    def _agreeing(self, key: str, value: str | Iterable[str]) -> int:
        found = self._bits.get((key, value))
        if found is None:
            agreeing = (policy.match.accepts({key: value}) for policy in self._policies)
            found = self._bits[key, value] = sum(agrees << number for number, agrees in enumerate(agreeing))
        return found


def names(policies: Iterable[Policy]) -> tuple[PolicyName, ...]:
    """The identities of ``policies``."""
    return tuple([PolicyName(policy.layer, policy.name) for policy in policies])


def voting(policies: Collection[Policy]) -> list[Policy]:
    """Those of ``policies`` that can decide."""
    return [policy for policy in policies if policy.enabled and not policy.advisory]
