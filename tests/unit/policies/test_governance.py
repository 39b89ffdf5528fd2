from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given

from gridmask.domain.element import TypeRegistry
from gridmask.domain.vo import ALL
from gridmask.policies.governance import Inventory, governance, names, voting
from tests.unit.domain.strategies import ELEMENTS, VOS, policy_sets

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet


@given(policy_sets)
def test_rows_are_counted_as_if_one_by_one(policies: PolicySet) -> None:
    inventory = Inventory(tuple(ELEMENTS), TypeRegistry(), frozenset(VOS))
    rows: Counter[tuple[str, str, str]] = Counter()
    ungoverned: Counter[str] = Counter()
    for vo in (ALL, *VOS):
        for row, element in inventory.rows(vo):
            governing = policies.governing(row, element)
            ungoverned[vo] += not voting(governing)
            rows.update((policy.layer, policy.name, vo) for policy in names(governing))
    found = governance(policies, inventory)
    assert {(*policy, vo): n for policy, by_vo in found.rows.items() for vo, n in by_vo.items()} == rows
    assert +Counter(found.ungoverned) == +ungoverned
