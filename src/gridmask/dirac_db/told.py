"""What DIRAC says of rows and said of them, as it can be compared with what is said of them here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.comparison import Said
from gridmask.domain.disputes import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.element import RowKey
    from gridmask.domain.takeover import Former, Past


def statements(rows: Iterable[Former]) -> dict[RowKey, Said]:
    """What DIRAC says now. Of VOs, it is as its documentation means it: a VO's own row counts before that of ``all``."""
    return {row.key: Said.of(row.status, _reason(row.reason.text, row.owner), row.since, row.key.vo) for row in rows}


def turn(past: Past) -> Turn:
    """What DIRAC said from a change of the past on."""
    return Turn(past.at, Said.of(past.new, _reason(past.reason.text, past.owner), past.at, past.key.vo))


def _reason(text: str, owner: str | None) -> str:
    return f"{text} (held by {owner})" if owner else text
