"""Match parameters: which rows a policy is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import NamedTuple

STATIC_KEYS = ("family", "type", "category", "name", "status_type", "vo", "site", "domain", "tags", "source")
"""Keys whose values follow from the inventory and the row's identity."""

DYNAMIC_KEYS = ("status", "token_owner")
"""Keys whose values change with the row's state."""

KEYS = STATIC_KEYS + DYNAMIC_KEYS

NOT = "!"
"""Before a pattern: what it describes does not agree."""


class _Test(NamedTuple):
    """The patterns of one key: any of ``wanted`` (None: everything) and none of ``unwanted`` (None: nothing) must describe."""

    wanted: re.Pattern[str] | None
    unwanted: re.Pattern[str] | None

    def agrees(self, value: str | Iterable[str]) -> bool:
        members = (value,) if isinstance(value, str) else tuple(value)
        if self.unwanted is not None and any(map(self.unwanted.match, members)):
            return False
        return self.wanted is None or any(map(self.wanted.match, members))


@lru_cache(maxsize=4096)
def _compiled(patterns: tuple[str, ...]) -> _Test:
    # no pattern at all is not the same as none but negated ones: it describes nothing
    wanted = [pattern for pattern in patterns if not pattern.startswith(NOT)]
    unwanted = [pattern.removeprefix(NOT) for pattern in patterns if pattern.startswith(NOT)]
    return _Test(_any_of(wanted) if wanted or not unwanted else None, _any_of(unwanted) if unwanted else None)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def matches(pattern: str, value: str) -> bool:
    """Whether ``pattern`` agrees with ``value``; case counts.

    A glob (``*``, ``?``, ``[...]``) must describe the whole of it, one after a ``!`` must not.
    """
    return _compiled((pattern,)).agrees(value)


def agrees(patterns: tuple[str, ...], value: str | Iterable[str]) -> bool:
    """Whether ``value`` agrees with the ``patterns`` of one key.

    One of those without a ``!`` must describe it, if there are any, and none of those after a ``!`` may. Of a set (``tags``),
    one member must be described by one of the former, and no member by any of the latter: ``["tier*", "!tape"]`` is whatever
    has a tag of a tier, and no tag ``tape``. The order of the patterns does not matter.
    """
    return _compiled(patterns).agrees(value)


@lru_cache(maxsize=4096)
def described(patterns: tuple[str, ...], name: str) -> bool:
    """Whether any of ``patterns``, each by itself, agrees with ``name``."""
    return any(matches(pattern, name) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Match:
    """Patterns by key. All keys must agree; :func:`agrees` says how the patterns of one key do.

    A key that is not named does not constrain.
    """

    patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, **patterns: str | Iterable[str]) -> Match:
        """A match from keyword arguments: ``Match.of(type="Storage*", vo=["cms", "atlas"], tags="!tape")``."""
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
        return all(_compiled(patterns).agrees(values[key]) for key, patterns in self.patterns if key in values)


def domain_of(site: str) -> str:
    """DIRAC's domain of a site, the first part of a name like ``LCG.CERN.ch``; empty where a name is none of DIRAC's."""
    first, *rest = site.split(".")
    return first if len(rest) > 1 else ""


ANY_ROW = Match()
"""Matches every row."""
