"""What a mask wishes of RSEs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.actions.actuating.usability import Reader, Said, all_usable
from gridmask.actions.actuating.values import Wish, Wishes

if TYPE_CHECKING:
    from gridmask.actions.actuating.side import View
    from gridmask.domain.element import ElementKey

ACCESS = {"read": "ReadAccess", "write": "WriteAccess", "delete": "RemoveAccess"}
"""By what Rucio calls it, the status type that says whether it may be."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How RSEs follow from elements.

    Attributes:
        reader: how the mask is read.
        names: RSEs by the names of elements.
        touch: which of ``read``, ``write`` and ``delete`` may be switched.
    """

    reader: Reader
    names: Mapping[str, str]
    touch: Collection[str]


def wishes(view: View, rules: Rules) -> Wishes:
    """What RSEs are to be. One that several elements stand for is available where all of them may be used."""
    said: dict[str, list[tuple[ElementKey, str, Said]]] = {}
    for holding in rules.reader.elements(view):
        key = holding.element.key
        for aspect in rules.touch:
            one = rules.reader.said(holding, ACCESS[aspect], view.vo)
            if one is not None:
                said.setdefault(rules.names.get(key.name, key.name), []).append((key, aspect, one))
    return Wishes(view.revision, {rse: _wish(rse, parts) for rse, parts in said.items()})


def _wish(rse: str, parts: list[tuple[ElementKey, str, Said]]) -> Wish:
    states: dict[str, bool] = {}
    for aspect in dict.fromkeys(aspect for _, aspect, _ in parts):
        state = all_usable(one for _, of, one in parts if of == aspect)
        if state is not None:
            states[aspect] = state
    elements = tuple(dict.fromkeys(key for key, _, _ in parts))
    return Wish(rse, states, elements, ", ".join(dict.fromkeys(str(one) for _, _, one in parts)))
