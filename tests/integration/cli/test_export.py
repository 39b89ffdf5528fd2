from __future__ import annotations

from datetime import UTC, datetime

from gridmask.cli.export import _notes
from gridmask.domain.element import ElementKey
from gridmask.service.dirac_return import Return

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_what_is_not_in_the_script_is_told() -> None:
    gone = frozenset({ElementKey("Resource", "FTS", "fts1")})
    written, earlier, left_out, without_vo = _notes(Return(NOW, (), 5, earlier=2, left_out=gone, without_vo=1))

    assert written == "0 rows to write, 0 of them new; 5 are in DIRAC as they are here."
    assert earlier.startswith("2 rows differ since before that time")
    assert left_out == "1 element of DIRAC's not in service here: FTS fts1. They stay as they are there."
    assert without_vo.startswith("1 row of VOs")


def test_where_all_is_in_it_nothing_else_is_told() -> None:
    assert len(list(_notes(Return(NOW, ())))) == 1
