"""Where pages are: each view has an address that can be sent to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridmask.domain.element import ElementKey

_UNSPEAKABLE = frozenset({"", ".", ".."})
"""What means something else in a path."""

_TAKEN = _UNSPEAKABLE | {"workbench", "versions"}
"""What means another page, where a policy is named."""


def overview(vo: str) -> str:
    """How ``vo`` fares, at a glance."""
    return f"/vos/{quote(vo, safe='')}"


def matrix(vo: str, filters: Mapping[str, str] | None = None) -> str:
    """The matrix of ``vo``, perhaps filtered."""
    return asking(f"/vos/{quote(vo, safe='')}/matrix", filters or {})


def compare(vo: str, filters: Mapping[str, str] | None = None) -> str:
    """One status type as all VOs see it, for who looks for ``vo``."""
    return asking("/compare", {"vo": vo, **(filters or {})})


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


def policies(vo: str, filters: Mapping[str, str] | None = None) -> str:
    """What governs what for ``vo``."""
    return asking("/policies", {"vo": vo, **(filters or {})})


def policy(name: str, vo: str, filters: Mapping[str, str] | None = None) -> str:
    """The page of a policy, as it is for ``vo``."""
    if name in _TAKEN or "/" in name:
        return f"/policies?{urlencode({'name': name, 'vo': vo, **(filters or {})})}"
    return asking(f"/policies/{quote(name, safe='')}", {"vo": vo, **(filters or {})})


def workbench(vo: str) -> str:
    """Where other policies of ``vo`` are tried."""
    return asking("/policies/workbench", {"vo": vo})


def layer_versions(vo: str, filters: Mapping[str, str] | None = None) -> str:
    """What the policies of ``vo`` were, while they are kept by the API."""
    return asking("/policies/versions", {"vo": vo, **(filters or {})})


def guard(vo: str, batch: str) -> str:
    """Where it is decided about a batch, by who looks for ``vo``."""
    return f"{asking('/guard', {'vo': vo})}#batch-{quote(batch)}"


def anchor_of(words: Iterable[str]) -> str:
    """What names a place within a page."""
    return "/".join(quote(word, safe="@:") for word in words)


def web(address: str) -> str | None:
    """``address``, which somebody else wrote, if a link may lead there; None if not."""
    return address if address.lower().startswith(("https://", "http://")) else None
