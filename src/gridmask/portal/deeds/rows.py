"""Rows as forms name them: ``family/type/name/status_type``, each part quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from gridmask.domain.element import WHOLE, ElementKey, RowKey
from gridmask.domain.errors import InvalidRequest
from gridmask.service.selection import ElementName, RowName

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = 4
_SHOWN = 80


def written(element: ElementKey, status_type: str) -> str:
    """How a form names the row of ``element`` with ``status_type``."""
    return "/".join(quote(part, safe="") for part in (*element, status_type))


def read(said: Iterable[str], vo: str) -> tuple[RowKey, ...]:
    """The rows of ``vo`` that a form names, each once.

    Raises:
        InvalidRequest: one of them is none.
    """
    return tuple(dict.fromkeys(_row(one, vo) for one in said))


def named(rows: Iterable[RowKey]) -> list[RowName]:
    """``rows`` as the use cases want them named."""
    return [
        RowName(ElementName(row.element.name, row.element.type, row.element.family), row.status_type, row.vo) for row in rows
    ]


def elements(rows: Iterable[RowKey]) -> tuple[ElementName, ...]:
    """The elements that ``rows`` are of, each once."""
    return tuple(dict.fromkeys(ElementName(row.element.name, row.element.type, row.element.family) for row in rows))


def aspect(status_type: str) -> str:
    """What to call a status type in a sentence; nothing, where it is the only one."""
    return "" if status_type == WHOLE else status_type


def _row(said: str, vo: str) -> RowKey:
    parts = [unquote(part) for part in said.split("/")]
    if len(parts) != _PARTS or not all(parts):
        raise InvalidRequest(f"{said[:_SHOWN]!r} names no row: it takes family/type/name/status_type, each part quoted.")
    family, type_, name, status_type = parts
    return RowKey(ElementKey(family, type_, name), status_type, vo)
