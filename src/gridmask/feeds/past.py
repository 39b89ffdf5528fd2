"""A mask of the past: as a mask of now is written (:mod:`~gridmask.feeds.mask_json`), with its moment, and what is unsure."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

from gridmask.feeds import mask_json, mask_text

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.past import PastMask


def encode_json(past: PastMask) -> bytes:
    """``past`` as JSON, one element a line."""
    mask = past.mask
    elements = ",\n".join(mask_json.fragment(key, entry) for key, entry in sorted(mask.entries.items()))
    unsure = ",\n".join(dumps(key._asdict(), separators=(",", ":")) for key in sorted(past.unsure))
    head = f'"vo":{dumps(mask.vo)},"at":"{_iso(past.at)}","revision":{mask.revision}'
    return f'{{{head},"elements":[\n{elements}\n],"unsure":[\n{unsure}\n]}}\n'.encode()


def encode_text(past: PastMask) -> bytes:
    """``past`` as lines for shells; what is unsure stands in comment lines at the end."""
    first, _, rows = mask_text.encode(past.mask).partition(b"\n")
    unsure = "".join("\t".join(("# unsure", *map(mask_text.cell, key))) + "\n" for key in sorted(past.unsure))
    return b"".join((first, f" at={_iso(past.at)}\n".encode(), rows, unsure.encode()))


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
