"""DIRAC's ``matchParams``: which rows a policy is about.

There, too, all keys must agree, and one of the patterns of a key; case counts. Keys that DIRAC does not know constrain
nothing, and it does not say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.domain.element import ACCESS, NODE, RESOURCE, SITE, WHOLE
from gridmask.domain.matching import NOT, matches
from gridmask.domain.spelling import suggest
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.policy_import.report import Remark, Weight, differs, listed, no_effect, note, quoted, review

if TYPE_CHECKING:
    from gridmask.dirac_cfg.tree import Section

MATCH = "matchParams"
"""The section that says which rows a policy is about."""

Patterns = tuple[str, ...]

AUTOMATION = "rs_svc"
"""The owner of the rows that DIRAC's agents evaluate; they pass over all others."""

ACTIVE = "Active"
"""What DIRAC compares ``active`` with."""

DOMAIN = "domain"

KNOWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "element": ("family", (SITE, RESOURCE, NODE)),
    "elementType": ("type", (SITE, "StorageElement", "ComputingElement", "FTS", "Catalog", "Queue")),
    "name": ("name", ()),
    "statusType": ("status_type", (WHOLE, *ACCESS)),
    "status": ("status", tuple(status.label for status in Status)),
}
"""Our key for each of DIRAC's that is taken as it is, and the values that there are in DIRAC, if they are few."""

CLOSED = frozenset({"element", "status"})
"""The keys of which no extension can add values."""

KEYS = (*KNOWN, "vO", "tokenOwner", "reason", "active")
"""The keys that DIRAC heeds."""


@dataclass(slots=True)
class Matched:
    """Which rows a policy is about.

    Attributes:
        patterns: ours, by key.
        off: whether it must not apply to anything for now.
        remarks: what there is to know.
    """

    patterns: dict[str, Patterns] = field(default_factory=dict)
    off: bool = False
    remarks: list[Remark] = field(default_factory=list)


def matched(parameters: Section, vo: str, *, as_meant: bool) -> Matched:
    """What ``matchParams`` of a policy of ``vo`` say.

    Args:
        parameters: the section.
        vo: whose layer the policy is in.
        as_meant: whether keys that DIRAC does not heed count as what they most likely were meant to be.
    """
    found = Matched()
    for name in parameters.options:
        if name in KEYS:
            _take(name, parameters.list(name), found, vo)
    for name in parameters.options:
        if name not in KEYS:
            _take_strange(name, parameters, found, vo if as_meant else None)
    found.remarks += [
        no_effect(f"DIRAC passes over the section {quoted(name)} in matchParams; so does this import.")
        for name, _ in parameters
    ]
    return found


def _take_strange(name: str, parameters: Section, found: Matched, vo: str | None) -> None:
    """Take an option that DIRAC does not heed: as what was meant, in a layer of ``vo``; not at all if that is None."""
    near = DOMAIN if name.casefold() == DOMAIN else suggest(name, KEYS)
    written = f"{MATCH}/{name} = {quoted(parameters.value(name))}"
    may_be = near is not None and (near == name or near not in parameters.options)
    if near is None or not may_be or vo is None:
        hint = f" It may be meant as {near!r}: --as-meant takes it so." if may_be else ""
        found.remarks.append(no_effect(f"{written}: DIRAC passes over that, and so does this import.{hint}"))
        found.remarks += [review("The policy applies more widely than it reads, as it did in DIRAC.")] if may_be else []
        return
    meant = Matched()
    _take(near, parameters.list(name), meant, vo)
    found.patterns |= meant.patterns
    found.off = found.off or meant.off
    found.remarks.append(differs(f"{written}: DIRAC passes over that. It is taken as {near!r} here, as --as-meant wants it."))
    found.remarks += [remark for remark in meant.remarks if remark.weight is Weight.REVIEW and remark != _COMES_ALIVE]


def _take(key: str, values: Patterns, found: Matched, vo: str) -> None:
    """Take one key of DIRAC's, with its patterns."""
    usable = tuple(value for value in values if not value.startswith(NOT))
    if len(usable) < len(values):
        found.remarks.append(
            no_effect(f"DIRAC has no negation: {key} = {listed(set(values) - set(usable))} described nothing there.")
        )
    if not usable:
        found.off = True
        found.remarks.append(review(f"{key} has no pattern that could describe anything: the policy never applied."))
        return
    if key in KNOWN:
        _take_known(key, usable, found)
    elif key == DOMAIN:
        found.patterns["domain"] = usable
    else:
        _SPECIAL[key](usable, found, vo)


def _take_known(key: str, values: Patterns, found: Matched) -> None:
    ours, there_are = KNOWN[key]
    strange = [value for value in values if there_are and not any(matches(value, one) for one in there_are)]
    for value in strange:
        near = suggest(value, there_are)
        hint = f" Did somebody mean {near!r}?" if near else ""
        found.remarks.append(no_effect(f"{key} = {quoted(value)} describes nothing that DIRAC has.{hint}"))
    if len(strange) == len(values):
        found.remarks.append(review("So it never applied to a row, unless an extension of DIRAC's added what it describes."))
    kept = tuple(value for value in values if value not in strange) if key in CLOSED else values
    found.off = found.off or not kept
    found.patterns |= {ours: kept} if kept else {}


def _take_vo(values: Patterns, found: Matched, vo: str) -> None:
    if any(matches(value, ALL) for value in values):
        found.remarks.append(note("vO describes 'all', the row that every VO read: no limitation."))
        return
    found.patterns["vo"] = values
    found.remarks.append(
        no_effect("DIRAC's agents evaluate rows of 'all' only, so a policy with this vO never applied there. Here it does.")
    )
    if vo != ALL and not any(matches(value.casefold(), vo) for value in values):
        found.remarks.append(review(f"It is in the section of {vo}, and limited to {listed(values)}: it governs nothing."))
    else:
        found.remarks.append(_COMES_ALIVE)


def _take_owner(values: Patterns, found: Matched, vo: str) -> None:  # noqa: ARG001 - as the others
    if any(matches(value, AUTOMATION) for value in values):
        found.remarks.append(
            note(f"tokenOwner describes {AUTOMATION!r}, who owned every row that was evaluated: no limitation.")
        )
        return
    found.patterns["token_owner"] = values
    found.remarks.append(no_effect(f"DIRAC evaluates only rows of {AUTOMATION!r}, so with this tokenOwner it never applied."))
    found.remarks.append(review("Here it tells what automation would do with rows that these people hold, and changes none."))


def _take_reason(values: Patterns, found: Matched, vo: str) -> None:  # noqa: ARG001 - as the others
    if "*" in values:
        return
    found.off = True
    found.remarks.append(review(f"It depends on the text of the row's reason ({listed(values)}), which no policy here can."))


def _take_active(values: Patterns, found: Matched, vo: str) -> None:  # noqa: ARG001 - as the others
    if not any(matches(value, ACTIVE) for value in values):
        found.off = True
        found.remarks.append(note(f"It was switched off: active = {listed(values)}."))


_COMES_ALIVE = review("See that you want what it does.")

_SPECIAL: Mapping[str, Callable[[Patterns, Matched, str], None]] = {
    "vO": _take_vo,
    "tokenOwner": _take_owner,
    "reason": _take_reason,
    "active": _take_active,
}
