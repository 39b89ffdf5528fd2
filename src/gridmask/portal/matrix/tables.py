"""What a matrix shows, as tables: a record for each row, in CSV or in JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.status import Purpose, usable
from gridmask.domain.vo import ALL
from gridmask.feeds.cells import cell
from gridmask.portal.drawing.marks import Mark, marks

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.element import Element
    from gridmask.domain.row import Row


@dataclass(frozen=True, slots=True)
class Record:
    """A row, as data. Moments are in UTC.

    Attributes:
        family, type, name: which element.
        site, country: where it is; empty: nobody says.
        status_type: which status of it.
        vo: who sees it so.
        status: what it is.
        usable: whether it may be used, for the purpose that was asked for.
        since: since when.
        row: whose row it is: the VO's own, or that of ``all``.
        owner, until: which person holds it, and until when, if that ends by itself.
        held, damped: whether the guard holds it, and whether it is held back since it flaps.
        reasons: why, each beside the others.
    """

    family: str
    type: str
    name: str
    site: str
    country: str
    status_type: str
    vo: str
    status: str
    usable: bool
    since: datetime
    row: str
    owner: str
    until: datetime | None
    held: bool
    damped: bool
    reasons: tuple[str, ...]


def records(
    seen: Iterable[tuple[Element, str, Iterable[Row]]], countries: Mapping[str, str], purpose: Purpose
) -> Iterator[Record]:
    """A record for each row: of elements, each with the VO that sees it, and its rows."""
    for element, vo, rows in seen:
        for row in rows:
            yield _record(element, countries.get(element.site, ""), vo, row, purpose)


def as_csv(told: Iterable[Record]) -> bytes:
    """``told`` as CSV (:rfc:`4180`), with a line of heads; what a spreadsheet would take for a formula begins with ``'``."""
    written = io.StringIO()
    writer = csv.writer(written)
    names = [field.name for field in fields(Record)]
    writer.writerow(names)
    told_of = attrgetter(*names)
    writer.writerows(map(_plain, told_of(record)) for record in told)
    return written.getvalue().encode(errors="replace")


def as_json(told: Iterable[Record], about: Mapping[str, object]) -> bytes:
    """``told`` as JSON, beside what it is ``about``."""
    return msgspec.json.encode({**about, "rows": list(told)})


def _record(element: Element, country: str, vo: str, row: Row, purpose: Purpose) -> Record:
    token, its = row.token, marks(row)
    return Record(
        *element.key,
        element.site,
        country,
        row.key.status_type,
        vo,
        row.status.label,
        usable(row.status, purpose),
        row.standing.since,
        "all" if row.key.vo == ALL else row.key.vo,
        token.owner if token else "",
        token.expires_at if token else None,
        Mark.HELD in its,
        Mark.DAMPED in its,
        tuple([reason.text for reason in row.reasons]),
    )


def _plain(value: object) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case tuple():
            return cell("; ".join(map(str, value)))
        case str():
            return cell(value)
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)
