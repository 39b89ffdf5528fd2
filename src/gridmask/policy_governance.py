"""Which rows policies govern: all that can be told of a set of policies from an inventory, without any evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.element import RowKey, TypeRegistry
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


def governance(policies: PolicySet, inventory: Inventory) -> Governance:
    """How many rows of ``inventory`` each of ``policies`` governs."""
    counted = _Counted(policies, inventory.vos)
    for row, element in inventory.rows():
        counted.add(row, element)
    return counted.summed()


class _Counted:
    """Counts rows in groups: most VOs see most elements alike, so that to count them one by one would be in vain."""

    def __init__(self, policies: PolicySet, vos: frozenset[str]) -> None:
        self._policies = policies
        self._vos = vos
        self._alike: Counter[tuple[frozenset[str], frozenset[str], tuple[PolicyName, ...]]] = Counter()
        self._apart: Counter[tuple[str, tuple[PolicyName, ...]]] = Counter()
        self._advisory = {PolicyName(p.layer, p.name) for p in policies.policies if p.advisory}

    def add(self, row: RowKey, element: Element) -> None:
        apart = self._policies.vos_called_for(row, element, self._vos)
        self._alike[element.offered, apart, names(self._policies.governing(row, element))] += 1
        for vo in apart:
            self._apart[vo, names(self._policies.governing(row._replace(vo=vo), element))] += 1

    def summed(self) -> Governance:
        rows: dict[PolicyName, Counter[str]] = {}
        total: Counter[str] = Counter()
        ungoverned: Counter[str] = Counter()
        for vo, governing, count in self._counts():
            total[vo] += count
            if self._advisory.issuperset(governing):
                ungoverned[vo] += count
            for policy in governing:
                rows.setdefault(policy, Counter())[vo] += count
        return Governance(rows, total, ungoverned)

    def _counts(self) -> Iterator[tuple[str, tuple[PolicyName, ...], int]]:
        for (offered, apart, governing), count in self._alike.items():
            yield ALL, governing, count
            for vo in (self._vos & offered if offered else self._vos) - apart:
                yield vo, governing, count
        for (vo, governing), count in self._apart.items():
            yield vo, governing, count


def names(policies: Iterable[Policy]) -> tuple[PolicyName, ...]:
    """The identities of ``policies``."""
    return tuple([PolicyName(policy.layer, policy.name) for policy in policies])


def voting(policies: Collection[Policy]) -> list[Policy]:
    """Those of ``policies`` that can decide."""
    return [policy for policy in policies if policy.enabled and not policy.advisory]
