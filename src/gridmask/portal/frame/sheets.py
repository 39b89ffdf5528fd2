"""Sheets: what a page shows, as CSV (:rfc:`4180`) for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from urllib.parse import quote

from fastapi import Response

from gridmask.feeds.cells import cell


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
