"""What GOCDB says twice, or says and cannot mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.listing import some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gridmask.domain.element import Element, ElementKey


def uncontested(elements: Sequence[Element]) -> tuple[tuple[Element, ...], list[str]]:
    """The elements without those out of service which another site has in service under the same key, and a line for each."""
    claims: defaultdict[ElementKey, list[Element]] = defaultdict(list)
    for element in elements:
        claims[element.key].append(element)
    kept: list[Element] = []
    problems: list[str] = []
    for key, claimed in claims.items():
        sites = sorted({element.site for element in claimed})
        used = [element for element in claimed if element.in_service]
        if len(sites) > 1 and len(used) == 1:
            problems.append(
                f"{key} is listed at {' and '.join(sites)}: taken as at {used[0].site}, where alone it is in service."
            )
            kept += used
        else:
            kept += claimed
    return tuple(kept), sorted(problems)


def identified(elements: Sequence[Element]) -> tuple[tuple[Element, ...], list[str]]:
    """The elements, those without their identity that share it with another one; and a line for each such identity."""
    owners = Counter(identity for identity, _ in {(element.identity, element.key) for element in elements})
    shared = {identity for identity, count in owners.items() if identity and count > 1}
    kept = (replace(element, identity="") if element.identity in shared else element for element in elements)
    return tuple(kept), sorted(_shared(elements, shared))


def _shared(elements: Sequence[Element], identities: Collection[str]) -> Iterator[str]:
    for identity in identities:
        names = {str(element.key) for element in elements if element.identity == identity}
        kind, _, number = identity.partition(":")
        yield f"the {kind} identifier {number} is that of {some(sorted(names), 10)}: none of them is known by it."


def strange_hosts(names: Collection[str]) -> Iterator[str]:
    """A line for host ``names`` that are none."""
    if names:
        yield f"services are on hosts whose names are none: {some(sorted(names), 10)}. Each is taken as it is written."
