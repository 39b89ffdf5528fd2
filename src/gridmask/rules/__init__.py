"""The built-in rules, one family a file. They import the domain alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.rules.always import Always
from gridmask.rules.downtime import DeclaredDowntime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.domain.policy import Rule

BUILT_IN: Mapping[str, type[Rule]] = {"always": Always, "downtime": DeclaredDowntime}
"""Rule classes by the name that a policy calls them by."""

__all__ = ["BUILT_IN", "Always", "DeclaredDowntime"]
