"""Panels: the policies that have a say at one place, and on what of a row it depends what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from gridmask.domain.confirmation import AT_ONCE

if TYPE_CHECKING:
    from gridmask.domain.policy import Policy


class Scope(IntEnum):
    """For which rows of an element an answer is the same, as far as they hear the same evidence."""

    ALL_ROWS = 0
    STATUS_TYPE = 1
    ROW = 2


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Policies that have a say together.

    Attributes:
        policies: they themselves, in order.
        members: each with the scope of what its rule finds.
        scope: that of what they say together, which can further depend on what they said of a row before, and on its state.
        reads: the kinds of evidence that their rules look at; None: any.
    """

    policies: tuple[Policy, ...]
    members: tuple[tuple[Policy, Scope], ...]
    scope: Scope
    reads: frozenset[str] | None

    @classmethod
    def of(cls, policies: tuple[Policy, ...]) -> Panel:
        """Those of ``policies``."""
        members = tuple((policy, _scope(policy)) for policy in policies)
        asking = any(policy.match.is_dynamic or policy.confirm != AT_ONCE for policy in policies)
        widest = max((scope for _, scope in members), default=Scope.ALL_ROWS)
        read: list[frozenset[str] | None] = [getattr(policy.rule, "reads", None) for policy in policies]
        known = [kinds for kinds in read if kinds is not None]
        reads = frozenset[str]().union(*known) if len(known) == len(read) else None
        return cls(policies, members, Scope.ROW if asking else widest, reads)


def _scope(policy: Policy) -> Scope:
    if getattr(policy.rule, "same_for_all_rows", False):
        return Scope.ALL_ROWS
    return Scope.STATUS_TYPE if getattr(policy.rule, "same_for_all_vos", False) else Scope.ROW
