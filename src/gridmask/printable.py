"""Printable text: what others wrote, as it can be shown in a terminal or a log without steering it."""

from __future__ import annotations

import re

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tabs and ends of lines, and those that turn the direction of what follows."""


def printable(text: str) -> str:
    r"""``text``, with whatever would steer a terminal written out, as in ``\x1b``."""
    return text if text.isprintable() else _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def writable(text: str) -> str:
    """``text`` with what no database could keep spelled out: for words that come from elsewhere, and must be kept."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
