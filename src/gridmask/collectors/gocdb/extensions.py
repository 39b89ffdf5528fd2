"""What else GOCDB's people write down of a thing: names and values of their own choosing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.collectors.gocdb.record import GocdbRecord

_PERSONAL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
"""An e-mail address, which is nothing for an inventory to keep."""


def extensions(record: GocdbRecord) -> dict[str, str]:
    """The values that ``record`` has by name, without those that tell how to reach a person; of several, the least."""
    found: dict[str, str] = {}
    for extension in record.listed("EXTENSIONS/EXTENSION"):
        name, value = extension.cut("KEY"), extension.cut("VALUE", 1024)
        if name and value and not _PERSONAL.search(f"{name} {value}"):
            found[name] = min(value, found.get(name, value))
    return dict(sorted(found.items()))
