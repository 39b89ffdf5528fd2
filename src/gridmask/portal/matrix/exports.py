"""``/vos/{vo}/matrix.csv`` and its like: what a matrix shows, as data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from gridmask.domain.vo import ALL
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.matrix import compare, tables
from gridmask.portal.matrix.asked import Asked, asked
from gridmask.portal.matrix.compare import Differs, StatusType, Vo, readable
from gridmask.portal.matrix.groups import Shown, show

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row
    from gridmask.portal.matrix.tables import Record
    from gridmask.service.matrix import Across, Comparison, Line, Matrix

router = APIRouter(include_in_schema=False, tags=[TAG])

Kind = Literal["csv", "json"]

_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@router.api_route("/vos/{vo}/matrix.{kind}", methods=["GET", "HEAD"])
async def matrix(request: Request, vo: str, kind: Kind, wanted: Annotated[Asked, Depends(asked)]) -> Response:
    """What the matrix of a VO shows: a record for each row."""
    gridmask: Installation = request.app.state.installation
    found = await gridmask.matrices.of(vo)
    about = {"vo": found.vo, "revision": found.revision, "made_at": gridmask.clock(), "asked": _said(wanted)}
    body = await to_thread.run_sync(_written, kind, partial(_of_matrix, found, wanted), about)
    return _answer(body, kind, f"matrix-{found.vo}")


@router.api_route("/compare.{kind}", methods=["GET", "HEAD"])
async def comparison(
    request: Request,
    kind: Kind,
    wanted: Annotated[Asked, Depends(asked)],
    status_type: StatusType = "",
    differs: Differs = "",
    vo: Vo = ALL,
) -> Response:
    """What a comparison shows: a record for each row of each VO."""
    gridmask: Installation = request.app.state.installation
    del vo
    found = await gridmask.matrices.across(await readable(gridmask, reader_of(request)), status_type)
    about = {"status_type": found.status_type, "vos": found.vos, "made_at": gridmask.clock(), "asked": _said(wanted)}
    make = partial(_of_comparison, found, wanted, differs=bool(differs))
    return _answer(await to_thread.run_sync(_written, kind, make, about), kind, f"compare-{found.status_type}")


def _said(wanted: Asked) -> dict[str, str]:
    return {name: value for name, value in wanted.said.items() if value}


def _of_matrix(found: Matrix, wanted: Asked) -> Iterable[Record]:
    shown: Shown[Line] = show(found.lines, wanted, found.announced)
    seen: Iterable[tuple[Element, str, Iterable[Row]]] = ((line.element, found.vo, line.rows) for line in shown.lines)
    return tables.records(seen, shown.countries, wanted.filters.judged_for)


def _of_comparison(found: Comparison, wanted: Asked, *, differs: bool) -> Iterable[Record]:
    shown: Shown[Across] = show(compare.chosen(found, differs=differs), wanted)
    seen: Iterable[tuple[Element, str, Iterable[Row]]] = (
        (line.element, vo, (row,))
        for line in shown.lines
        for vo, row in zip(found.vos, line.cells, strict=True)
        if row is not None
    )
    return tables.records(seen, shown.countries, wanted.filters.judged_for)


def _written(kind: Kind, make: Callable[[], Iterable[Record]], about: dict[str, object]) -> bytes:
    return tables.as_csv(make()) if kind == "csv" else tables.as_json(make(), about)


def _answer(body: bytes, kind: Kind, name: str) -> Response:
    tag = hashlib.blake2b(body, digest_size=16).hexdigest()
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization", "ETag": f'"{tag}"'}
    if kind == "csv":
        headers["Content-Disposition"] = f'attachment; filename="{plain}.csv"'
    return Response(body, headers=headers, media_type=_MEDIA_TYPES[kind])
