"""How pages write what is in policies: as the files do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gridmask.policies import catalogue
from gridmask.policies.files import type_of

if TYPE_CHECKING:
    from gridmask.domain.policy import Policy
    from gridmask.policies.catalogue import Described
    from gridmask.policies.layers import Document

BRIEF = 60
"""So many characters of a value are shown in a list of policies."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a policy tells its rule; ``is_default``: nobody wrote it."""

    name: str
    value: str
    meaning: str = ""
    is_default: bool = False

    @property
    def brief(self) -> str:
        """The value in short."""
        return self.value if len(self.value) <= BRIEF else f"{self.value[:BRIEF]}…"


def toml(value: object) -> str:
    """``value`` as a policy file has it, in a line."""
    match value:
        case bool():
            return "true" if value else "false"
        case Mapping():
            inner = ", ".join(f"{_key(str(key))} = {toml(one)}" for key, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def rule_of(policy: Policy) -> Described | None:
    """The rule that ``policy`` applies; None: it is not known here, as where a plug-in is gone."""
    return _rules().get(type_of(policy.rule))


def written(policy: Policy, document: Document) -> list[Parameter]:
    """What was written of the arguments of ``policy``, in whichever layer."""
    table: Document = document.get(policy.layer, {}).get("policy", {}).get(policy.name, {})
    arguments = table.get("arguments", {})
    known = {one.name: one.meaning for one in rule.arguments} if (rule := rule_of(policy)) else {}
    return [Parameter(name, toml(value), known.get(name, "")) for name, value in arguments.items()]


def parameters(policy: Policy, document: Document) -> list[Parameter]:
    """All arguments of ``policy``: those that were written first, then those that are as they always are."""
    found = written(policy, document)
    rule, told = rule_of(policy), {one.name for one in found}
    others = (one for one in (rule.arguments if rule else ()) if one.name not in told)
    return [*found, *(Parameter(one.name, one.default or "none", one.meaning, is_default=True) for one in others)]


def matching(policy: Policy) -> list[tuple[str, str]]:
    """What ``policy`` matches, key by key; nothing: everything."""
    return [(key, " or ".join(map(_pattern, patterns))) for key, patterns in policy.match.patterns]


def state_of(policy: Policy) -> str:
    """Whether it counts, in a word."""
    return "off" if not policy.enabled else "advisory" if policy.advisory else "on"


def confirmation(policy: Policy) -> Iterator[str]:
    """What it takes to change a verdict of ``policy``, where that is more than one check."""
    for name in ("worse", "better"):
        part: Any = getattr(policy.confirm, name, None)
        if part is not None and str(part) != "1 of 1":
            yield f"{part} to get {name}"


@cache
def _rules() -> Mapping[str, Described]:
    return {rule.name: rule for rule in catalogue.rules()}


def _pattern(pattern: str) -> str:
    return f"not {pattern.removeprefix('!')}" if pattern.startswith("!") else pattern


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if plain else json.dumps(name, ensure_ascii=False)
