"""What several of DIRAC's policies mean together.

* Downtimes on condition of a status: one policy looks ahead and bans what is ``Active``, another looks at what is ``Banned``.
  DIRAC's look at one moment only, so that it took two to ban early and to free late. Here one that looks ahead does both.
* Free space in several units: of the policies that are called after the types, DIRAC heeds one.
* Several policies of one type: a newer grammar heeds the one that says most about which rows it is about.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from gridmask.domain.matching import matches
from gridmask.domain.status import Status
from gridmask.policy_import.catalogue import KINDS, PRECEDENCE
from gridmask.policy_import.report import differs, listed, no_effect, note, quoted, review

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridmask.policy_import.policies import Draft

Drafts = dict[str, "Draft"]

NAMED_AT_MOST = 5
"""How many policies a remark names before it only counts."""

_BANNED = Status.BANNED.label


def settled(drafts: Mapping[str, Draft]) -> Drafts:
    """``drafts``, by section, with what they mean together."""
    return _one_of_a_kind(_one_unit(_without_conditions(dict(drafts))))


# --- Downtimes on condition of a status


def _without_conditions(drafts: Drafts) -> Drafts:
    conditional = [d for d in drafts.values() if d.rule == "downtime" and d.enabled and "status" in d.match]
    for ahead in conditional:
        behind = [d for d in conditional if d is not ahead and _goes_on_where(d, ahead)]
        if not behind or _describes_banned(ahead):
            continue
        drafts[ahead.section] = ahead.noting(
            differs(
                f"With {listed(d.section for d in behind)} it bans early and frees late. Here a downtime that counts does so "
                "until its end, whatever the row's status: the condition on the status is left out, and one policy does it all."
            ),
            match=_elsewhere(ahead),
        )
        for one in behind:
            drafts[one.section] = one.noting(note(f"Part of {quoted(ahead.name)} now."), absorbed_by=ahead.section)
    for one in conditional:
        if drafts[one.section] is one:
            drafts[one.section] = one.noting(
                review("With a condition on the status, it can contradict itself once it has decided.")
            )
    return drafts


def _goes_on_where(late: Draft, ahead: Draft) -> bool:
    """Whether ``late`` looks after what ``ahead`` has banned, and less far ahead."""
    return _describes_banned(late) and _lead(late) < _lead(ahead) and _alike(late, ahead)


def _alike(one: Draft, other: Draft) -> bool:
    return _elsewhere(one) == _elsewhere(other) and one.advisory == other.advisory


def _elsewhere(draft: Draft) -> dict[str, tuple[str, ...]]:
    return {key: patterns for key, patterns in draft.match.items() if key != "status"}


def _describes_banned(draft: Draft) -> bool:
    return any(matches(pattern, _BANNED) for pattern in draft.match["status"])


def _lead(draft: Draft) -> float:
    lead = draft.arguments["lead"]
    return float(lead["default"].removesuffix("h")) if isinstance(lead, dict) else 0.0


# --- Free space in several units


def _one_unit(drafts: Drafts) -> Drafts:
    there_are = [drafts[name] for name in PRECEDENCE if name in drafts and drafts[name].enabled]
    for first, later in combinations(there_are, 2):
        if not drafts[later.section].enabled:
            continue
        if _covers(first, later):
            told = no_effect(f"{quoted(first.section)} goes before it in DIRAC, wherever both apply, and so it never decided.")
            drafts[later.section] = drafts[later.section].noting(told, enabled=False)
        elif _meet(first, later):
            told = differs(
                f"Where {quoted(first.section)} applies as well, DIRAC heeds that alone. Here the more restrictive one decides."
            )
            drafts[later.section] = drafts[later.section].noting(told, review("Limit it to the rows that it is meant for."))
    return drafts


# --- Several policies of one type


def _one_of_a_kind(drafts: Drafts) -> Drafts:
    newer = [d for d in drafts.values() if not KINDS[d.kind].released and d.enabled and not d.absorbed_by]
    for one in newer:
        others = [other.section for other in newer if other is not one and other.kind == one.kind and _meet(one, other)]
        if others:
            named = listed(others[:NAMED_AT_MOST]) + (
                f" or {len(others) - NAMED_AT_MOST:,} more" if others[NAMED_AT_MOST:] else ""
            )
            text = "the more restrictive one decides here, not the more special one."
            drafts[one.section] = drafts[one.section].noting(review(f"Where {named} applies as well, {text}"))
    return drafts


# --- Which rows


def _covers(wide: Draft, narrow: Draft) -> bool:
    """Whether ``wide`` certainly is about every row that ``narrow`` is about."""
    return all(
        all(any(pattern in {"*", one} for pattern in patterns) for one in narrow.match.get(key, ("",)))
        for key, patterns in wide.match.items()
    )


def _meet(one: Draft, other: Draft) -> bool:
    """Whether both may be about the same row."""
    return all(_overlap(patterns, other.match[key]) for key, patterns in one.match.items() if key in other.match)


def _overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    others = tuple(others)
    return any(_may_agree(one, other) for one in some for other in others)


def _may_agree(one: str, other: str) -> bool:
    """Whether something may be described by both patterns; certain unless both are globs."""
    first, second = _literal(one), _literal(other)
    if first == one or second == other:
        return matches(one, other) or matches(other, one)
    return first.startswith(second) or second.startswith(first)


def _literal(pattern: str) -> str:
    """What everything that ``pattern`` describes begins with."""
    return _GLOB.split(pattern, maxsplit=1)[0]


_GLOB = re.compile(r"[*?[]")
