"""Reads pages as people do."""

from __future__ import annotations

import re
from html import unescape


def read(page: str) -> str:
    """What a person reads in the main part of ``page``."""
    main = page.partition('<main id="main"')[2].partition(">")[2]
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())
    return re.sub(r" ([,;.])", r"\1", words)
