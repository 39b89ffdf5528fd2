"""Granting: from what a token or a certificate says of somebody to what that somebody may do here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import NotKnown
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.access.identity import Claims
    from gridmask.domain.vo import VoRegistry

LONGEST_VALUE = 1024
"""Characters of a claim's value that patterns are tried on; a longer one agrees with none."""

MOST_STARS = 3
"""So many stars may be in a pattern: with more, nobody sees any more what it agrees with."""

_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class GrantRule:
    """Grants ``role`` for ``vo`` to whom all of ``when`` holds for; without any, to everybody whom the issuer vouches for.

    Attributes:
        role: what somebody is then.
        vo: a VO, or ``all``. ``{CLAIM}`` stands for what that claim says; and where ``when`` is about one claim alone, ``{1}``,
            ``{2}``... for what the stars stood for in the pattern that it agreed with.
        when: by claim, patterns of which one must agree with one of the claim's values. ``*`` stands for anything.
    """

    role: Role
    vo: str
    when: Mapping[str, tuple[str, ...]]

    @property
    def is_fixed(self) -> bool:
        """Whether it is about one VO, whatever claims say."""
        return not _PLACE.search(self.vo)

    def check(self) -> None:
        """Check that it can be applied.

        Raises:
            ValueError: a pattern has too many stars, or the VO stands for what no star stands for.
        """
        patterns = [pattern for some in self.when.values() for pattern in some]
        if long := [pattern for pattern in patterns if pattern.count("*") > MOST_STARS]:
            raise ValueError(f"{long[0]!r} has more than {MOST_STARS} stars")
        place = _PLACE.search(self.vo)
        if place and place[1].isdecimal():
            stars = min((pattern.count("*") for pattern in patterns), default=0)
            if len(self.when) != 1 or not 0 < int(place[1]) <= stars:
                raise ValueError(f"{place[0]} stands for nothing: 'when' needs one claim, and so many stars in each pattern")


def granted(rules: Iterable[GrantRule], claims: Claims, vos: VoRegistry) -> frozenset[Grant]:
    """What ``rules`` grant to whom ``claims`` are about. A claim of a shape that nobody expects agrees with no pattern."""
    return frozenset(grant for rule in rules for grant in _of_rule(rule, claims, vos))


def values(claim: object) -> tuple[str, ...]:
    """The values of a claim: the words of a text (as of ``scope``), and the whole of it; or the texts of a list."""
    if isinstance(claim, str):
        return tuple(dict.fromkeys((claim, *claim.split(" "))))
    if isinstance(claim, list):
        return tuple(value for value in claim if isinstance(value, str))
    return ()


def _of_rule(rule: GrantRule, claims: Claims, vos: VoRegistry) -> Iterator[Grant]:
    for stars in _agreements(rule, claims):
        for name in _names(rule.vo, claims, stars):
            vo = _vo(name, vos, is_fixed=rule.is_fixed)
            if vo is not None and (grant := Grant(rule.role, vo)).makes_sense:
                yield grant


def _agreements(rule: GrantRule, claims: Claims) -> Iterable[tuple[str, ...]]:
    """What the stars stood for, each time that the claims agree with the rule; stars count where there is one claim alone."""
    agreed = [list(_stars(patterns, values(claims.get(claim)))) for claim, patterns in rule.when.items()]
    if not all(agreed):
        return ()
    return dict.fromkeys(agreed[0]) if len(agreed) == 1 and not rule.is_fixed else ((),)


def _stars(patterns: Iterable[str], said: Iterable[str]) -> Iterator[tuple[str, ...]]:
    matches = (stood_for(pattern, value) for value in said if len(value) <= LONGEST_VALUE for pattern in patterns)
    return (match for match in matches if match is not None)


def stood_for(pattern: str, value: str) -> tuple[str, ...] | None:
    """What the stars of ``pattern`` stand for in ``value``, the first as much as can be; None if it does not agree.

    As a regular expression finds it, but in a time that grows with the length of ``value`` and no faster: others wrote that.
    """
    first, *between = pattern.split("*")
    if not between:
        return () if value == pattern else None
    last, end = between.pop(), len(value)
    if end < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return None
    end -= len(last)
    found: list[str] = []
    for part in reversed(between):
        at = value.rfind(part, len(first), end)
        if at < 0:
            return None
        found.append(value[at + len(part) : end])
        end = at
    return tuple(reversed([*found, value[len(first) : end]]))


def _names(template: str, claims: Claims, stars: tuple[str, ...]) -> Iterator[str]:
    """The names that ``template`` stands for: several, where a claim has several values."""
    place = _PLACE.search(template)
    if place is None:
        yield template
        return
    said = place[1]
    found = stars[int(said) - 1 : int(said)] if said.isdecimal() and said != "0" else values(claims.get(said))
    for value in found:
        # what somebody else wrote is put in once, and not read again as a template
        yield template[: place.start()] + value + template[place.end() :]


def _vo(name: str, vos: VoRegistry, *, is_fixed: bool) -> str | None:
    try:
        found = vos.resolve(name)
    except NotKnown:
        return None
    # an issuer may call a VO as it likes; it makes nobody more than that
    return found if found != ALL or is_fixed else None
