"""Sections: the parts of the portal, as the head of every page leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.rights import Action
from gridmask.portal.frame import addresses

if TYPE_CHECKING:
    from gridmask.portal.frame.reader import Reader


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the portal.

    Attributes:
        name: what it is called in addresses, and by the pages that are in it.
        title: what it is called for people.
        address: where it is for a VO.
        shown: whether a reader who looks for a VO is led there.
    """

    name: str
    title: str
    address: Callable[[str], str]
    shown: Callable[[Reader, str], bool] = lambda reader, vo: reader.reads(vo)


def _audits(reader: Reader, vo: str) -> bool:
    return reader.actor.may(Action.READ_AUDIT, vo)


def _of(path: str) -> Callable[[str], str]:
    return lambda vo: addresses.asking(path, {"vo": vo})


OVERVIEW = Section("overview", "Overview", addresses.overview)
MATRIX = Section("matrix", "Matrix", addresses.matrix)
DOWNTIMES = Section("downtimes", "Downtimes", _of("/downtimes"))
POLICIES = Section("policies", "Policies", _of("/policies"))
GUARD = Section("guard", "Guard", _of("/guard"))
SOURCES = Section("sources", "Sources", lambda _: "/sources", lambda *_: True)
REPORTS = Section("reports", "Reports", _of("/reports"))
AUDIT = Section("audit", "Audit", _of("/audit"), _audits)

SECTIONS = (OVERVIEW, MATRIX, DOWNTIMES, POLICIES, GUARD, SOURCES, REPORTS, AUDIT)
"""All that there are, in the order in which a shift needs them."""
