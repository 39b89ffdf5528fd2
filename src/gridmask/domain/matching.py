"""Match parameters: which rows a policy is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

STATIC_KEYS = ("family", "type", "category", "name", "status_type", "vo", "site", "tags", "source")
"""Keys whose values follow from the inventory and the row's identity."""

DYNAMIC_KEYS = ("status", "token_owner")
"""Keys whose values change with the row's state."""

KEYS = STATIC_KEYS + DYNAMIC_KEYS


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def matches(pattern: str, value: str) -> bool:
    """Whether the glob ``pattern`` (``*``, ``?``, ``[...]``) describes the whole of ``value``; case counts."""
    return _compiled(pattern).match(value) is not None


@dataclass(frozen=True, slots=True)
class Match:
    """Patterns by key. All keys must agree; within a key, one of the patterns must.

    A key that is not named does not constrain. A value may be a set (``tags``): then one of its members must agree.
    """

    patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, **patterns: str | Iterable[str]) -> Match:
        """A match from keyword arguments: ``Match.of(type="Storage*", vo=["cms", "atlas"])``."""
        return cls(tuple((key, (p,) if isinstance(p, str) else tuple(p)) for key, p in sorted(patterns.items())))

    def constrains(self, key: str) -> bool:
        """Whether ``key`` is named."""
        return any(named == key for named, _ in self.patterns)

    @property
    def is_dynamic(self) -> bool:
        """Whether it depends on a row's state, not on its identity alone."""
        return any(named in DYNAMIC_KEYS for named, _ in self.patterns)

    def accepts(self, values: Mapping[str, str | Iterable[str]]) -> bool:
        """Whether ``values`` agree. Keys that ``values`` does not have are passed over."""
        return all(_agrees(patterns, values[key]) for key, patterns in self.patterns if key in values)


def _agrees(patterns: tuple[str, ...], value: str | Iterable[str]) -> bool:
    candidates = (value,) if isinstance(value, str) else value
    return any(matches(pattern, candidate) for candidate in candidates for pattern in patterns)


ANY_ROW = Match()
"""Matches every row."""
