"""Where pages are: each view has an address that can be sent to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridmask.domain.element import ElementKey

_UNSPEAKABLE = frozenset({"", ".", ".."})
"""What means something else in a path."""


def overview(vo: str) -> str:
    """How ``vo`` fares, at a glance."""
    return f"/vos/{quote(vo, safe='')}"


def matrix(vo: str, filters: Mapping[str, str] | None = None) -> str:
    """The matrix of ``vo``, perhaps filtered."""
    return asking(f"/vos/{quote(vo, safe='')}/matrix", filters or {})


def asking(path: str, asked: Mapping[str, str]) -> str:
    """``path``, asked with what of ``asked`` is not empty."""
    said = {name: value for name, value in asked.items() if value}
    return path + (f"?{urlencode(said)}" if said else "")


def element(key: ElementKey, vo: str) -> str:
    """The page of an element, as it is for ``vo``."""
    if _UNSPEAKABLE.intersection(key) or "/" in f"{key.family}{key.type}":
        return f"/elements?{urlencode({**key._asdict(), 'vo': vo})}"
    parts = (quote(part, safe="@:") for part in key)
    return f"/elements/{'/'.join(parts)}?vo={quote(vo, safe='')}"


def source(name: str) -> str:
    """The page of a source."""
    return f"/sources/{quote(name, safe='')}"


def anchor_of(words: Iterable[str]) -> str:
    """What names a place within a page."""
    return "/".join(quote(word, safe="@:") for word in words)


def web(address: str) -> str | None:
    """``address``, which somebody else wrote, if a link may lead there; None if not."""
    return address if address.lower().startswith(("https://", "http://")) else None
