"""A case, as conditions see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gridmask.cel.messages import messages
from gridmask.rules.reading import newest

if TYPE_CHECKING:
    from gridmask.domain.policy import Case
    from gridmask.rules.reading import Reading


def values(case: Case, records: Mapping[str, list[Reading[Any]]], names: frozenset[str]) -> dict[str, object]:
    """The variables called ``names``; no others are made, since that takes longer than evaluating most conditions."""
    made = messages()
    found: dict[str, object] = {}
    if "now" in names:
        found["now"] = case.now
    for name in ("row", "element"):
        if name in names:
            found[name] = made.of(name.capitalize(), case)
    for kind, readings in records.items():
        if f"all_{kind}" in names:
            found[f"all_{kind}"] = [made.of(kind, one.evidence[0], names) for one in readings]
        if kind in names:
            found[kind] = made.of(kind, newest(readings)[0].evidence[0], names)
    return found
