"""Offers: whoever asks for a VO is told of what is not offered to it that it is not, and nothing more.

That is what masks do, whoever reads them. Who may read about all can ask for ``all``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.mask import NotOffered
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.element import Element

Reads = Callable[[str], bool]
"""Whether whoever asks may read about a VO."""


def everything(vo: str) -> bool:
    """What who sits at the database reads."""
    del vo
    return True


def require_offered(element: Element, vo: str) -> None:
    """Check that ``vo``, a canonical name, may be told about ``element``.

    Raises:
        NotOffered: it may not.
    """
    if not element.is_offered_to(vo):
        raise NotOffered(element, vo)


def as_told(element: Element, reads: Reads) -> Element | None:
    """``element`` as who ``reads`` some VOs is told it: offered to these, of those that it is offered to; None: to none.

    What is offered to every VO is told to everybody.
    """
    if not element.offered or reads(ALL):
        return element
    named = frozenset(filter(reads, element.offered))
    return replace(element, offered=named) if named else None
