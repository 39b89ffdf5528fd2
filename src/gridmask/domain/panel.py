"""Panels: the policies that have a say at one place, and on what of a row it depends what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.confirmation import AT_ONCE

if TYPE_CHECKING:
    from gridmask.domain.policy import Policy


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Policies that have a say together.

    Attributes:
        policies: they themselves, in order.
        asks_rows: whether what they say can depend on the row, beside its status type and the evidence that it hears: on its
            status or owner, on what they said before, on what is around it as its VO sees that.
        tells_aspects_apart: whether it can depend on the status type.
    """

    policies: tuple[Policy, ...]
    asks_rows: bool
    tells_aspects_apart: bool

    @classmethod
    def of(cls, policies: tuple[Policy, ...]) -> Panel:
        """Those of ``policies``."""
        asking = any(policy.match.is_dynamic or policy.confirm != AT_ONCE or not _same_for_vos(policy) for policy in policies)
        return cls(policies, asking, not all(getattr(policy.rule, "same_for_all_rows", False) for policy in policies))


def _same_for_vos(policy: Policy) -> bool:
    rule = policy.rule
    return bool(getattr(rule, "same_for_all_vos", False) or getattr(rule, "same_for_all_rows", False))
