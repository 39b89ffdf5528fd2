"""A mask as text, for shells: a line for each row, its fields separated by tabs, after a comment line that says what it is."""

from __future__ import annotations

from gridmask.domain.mask import Mask

MEDIA_TYPE = "text/plain; charset=utf-8"


def encode(mask: Mask) -> bytes:
    """``mask`` as lines of family, type, name, status type and status."""
    lines = [f"# vo={mask.vo} revision={mask.revision}"]
    for key, entry in sorted(mask.entries.items()):
        lines += ("\t".join((*map(cell, key), cell(status_type), status.label)) for status_type, status in entry.statuses)
    return ("\n".join(lines) + "\n").encode()


def cell(text: str) -> str:
    """Names are free text; what would break a line is made visible."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
