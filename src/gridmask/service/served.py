"""Masks, and what else is served, as bytes: in which formats, with a validator, perhaps packed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.spelling import suggest
from gridmask.feeds import mask_json, mask_text

if TYPE_CHECKING:
    from gridmask.domain.mask import Mask
    from gridmask.domain.status import Purpose

ENCODERS: Mapping[str, Callable[[Mask], bytes]] = {"json": mask_json.encode, "text": mask_text.encode}


def require_format(encoding: str, encoders: Iterable[str] = ENCODERS) -> None:
    """Make sure that there is the format ``encoding``.

    Raises:
        InvalidRequest: there is not.
    """
    if encoding not in encoders:
        near = suggest(encoding, encoders)
        hint = f"Did you mean {near!r}?" if near else f"There are {', '.join(encoders)}."
        raise InvalidRequest(f"There is no format {encoding!r}. {hint}")


@dataclass(frozen=True, slots=True)
class Served:
    """A mask as bytes. ``etag`` is a strong validator: it is another if and only if the bytes are (promise R3)."""

    body: bytes
    etag: str
    revision: int


def encoded(encode: Callable[[Mask], bytes], mask: Mask, purpose: Purpose | None) -> Served:
    """``mask`` as ``encode`` writes it; with ``purpose``, only what may be used for it."""
    return validated(encode(mask if purpose is None else mask.only_usable(purpose)), mask.revision)


def validated(body: bytes, revision: int) -> Served:
    """``body`` with the validator that is its own."""
    return Served(body, f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"', revision)


def packed(served: Served) -> Served:
    """``served``, packed with gzip."""
    # without the time of packing, which would make each time's bytes others
    return validated(gzip.compress(served.body, 6, mtime=0), served.revision)
