"""The VOs that an inventory record names: as its owners, and as those who alone may use it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from gridmask.collectors.osg.record import meaningful
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from gridmask.collectors.osg.record import OsgRecord

EVERYONE = frozenset({"any", "any_public"})
"""What stands among the allowed VOs, in any case, where there is no restriction."""

_IDENTIFIERS = frozenset({"ID"})
"""What may stand beside a name and is none."""


def allowed(resource: OsgRecord, service: OsgRecord) -> frozenset[str]:
    """The VOs that ``service`` of ``resource`` is offered to; empty is everyone.

    ``AllowedVOs`` may stand in the service or in the resource; the service's own counts first. It holds names as text,
    separated by commas or white space, or in elements of any name. A name that no VO can have lets nobody in.

    Raises:
        MalformedAnswer: there is a restriction, and not one name in it that a VO can have.
    """
    names = _names(service.element.iter("AllowedVOs")) or _names(resource.element.iterfind("AllowedVOs"))
    if not names or EVERYONE.intersection(map(str.casefold, names)):
        return frozenset()
    vos = frozenset(vo for vo in map(vo_of, names) if vo)
    if not vos:
        raise service.malformed(f"AllowedVOs names no VO that can be: {', '.join(map(repr, names))[:200]}.")
    return vos


def shares(resource: OsgRecord) -> dict[str, int]:
    """The owners' shares in ``resource`` in percent, by canonical name; an owner that is no VO keeps OSG's spelling."""
    found: Counter[str] = Counter()
    for ownership in resource.children("VOOwnership/Ownership", "ownership"):
        owner, percent = ownership.text("VO"), ownership.text("Percent")
        if owner and re.fullmatch("[0-9]{1,3}", percent):
            found[vo_of(owner) or owner] += int(percent)
    return dict(found)


def vo_of(name: str) -> str | None:
    """The canonical form of ``name``, or None where no VO can be called so, as ``(Other)``."""
    try:
        vo = canonical(name)
    except InvalidRequest:
        return None
    return None if vo == ALL else vo


def _names(lists: Iterable[Element]) -> tuple[str, ...]:
    return tuple(name for element in lists for text in _texts(element) for name in re.split(r"[\s,;]+", text) if name)


def _texts(element: Element) -> Iterator[str]:
    for part in element.iter():
        if part.tag not in _IDENTIFIERS:
            yield meaningful(part.text)
        if part is not element:
            yield meaningful(part.tail)
