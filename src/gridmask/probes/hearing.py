"""Hearing: whether the VOs in whose name probes are made have rows that hear what these find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from gridmask.domain.element import Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.policy import PolicySet
from gridmask.domain.vo import ALL
from gridmask.probes.target import Target


def unheard(
    targets: Iterable[Target], elements: Mapping[ElementKey, Element], policies: PolicySet, types: TypeRegistry
) -> Iterator[str]:
    """By VO, in words, how many of ``targets`` nobody hears of: rows of that VO are not declared there."""

    def is_heard(target: Target) -> bool:
        element, vos = elements[target.element], frozenset({target.vo})
        rows = (RowKey(target.element, aspect, ALL) for aspect in types.status_types(target.element))
        return target.vo == ALL or any(policies.vos_called_for(row, element, vos) for row in rows)

    deaf = Counter(target.vo for target in targets if not is_heard(target))
    for vo, number in sorted(deaf.items()):
        yield f"{vo} has no rows of its own at {number:,} of the targets, so that it hears nothing; [[evidence]] declares some."
