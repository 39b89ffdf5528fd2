"""Cells of what spreadsheets read: text that is only shown, whatever it says."""

from __future__ import annotations

from datetime import datetime

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With what the text of a cell begins that a spreadsheet would reckon with."""


def cell(value: object) -> object:
    """``value`` as a cell that is only shown, whatever it says; a moment in UTC."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
