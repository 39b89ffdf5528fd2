"""``Resources/StorageElementGroups``: names for several SEs at once, which may hold each other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.dirac_cfg.tree import Section


def groups_of(resources: Section) -> Mapping[str, frozenset[str]]:
    """The groups that an SE is in, directly or by a group in the group, by the SE."""
    groups = resources.section("StorageElementGroups")
    found: dict[str, set[str]] = defaultdict(set)
    for group in groups.options:
        for se in _members(groups, group):
            found[se].add(group)
    return {se: frozenset(of) for se, of in found.items()}


def _members(groups: Section, group: str) -> set[str]:
    """All that is in ``group``: SEs, and groups among them, which do no harm since none is called like an SE."""
    seen: set[str] = set()
    waiting = [group]
    while waiting:
        for member in groups.list(waiting.pop()):
            if member not in seen:
                seen.add(member)
                waiting.append(member)
    return seen
