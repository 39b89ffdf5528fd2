"""Sheets: what a page shows, as CSV (:rfc:`4180`) for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from urllib.parse import quote

from fastapi import Response

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With what the text of a cell begins that a spreadsheet would reckon with."""


def sheet(name: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Response:
    """The file called ``name`` with these ``rows``. Text that a spreadsheet would take for a formula has a ``'`` before it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}.csv",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text.getvalue().encode(errors="replace"), headers=headers, media_type="text/csv; charset=utf-8")


def cell(value: object) -> object:
    """``value`` as a cell that is only shown, whatever it says; a moment in UTC."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
