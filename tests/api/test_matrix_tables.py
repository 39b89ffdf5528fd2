from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.row import Row
from gridmask.domain.status import Purpose, Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.portal.matrix.tables import as_csv, as_json, records

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)


def told(name: str, reason: str = "full") -> list[dict[str, str]]:
    key = ElementKey("Resource", "CE", name)
    reasons = (Reason(ReasonKind.PERSON, reason), Reason(ReasonKind.PERSON, "and cold"))
    row = Row(RowKey(key, "all", "cms"), Standing(Status.PROBING, NOW), reasons, token=Token("jo", NOW))
    made = list(records([(Element(key, "A"), "cms", (row,))], {"A": "Chile"}, Purpose.TEST))
    assert json.loads(as_json(made, {"vo": "cms"}))["rows"][0]["name"] == name
    return list(csv.DictReader(io.StringIO(as_csv(made).decode(), newline="")))


def test_a_row_is_a_record() -> None:
    [record] = told("ce1")
    assert [record[name] for name in ("type", "name", "site", "country", "vo", "status", "usable", "row", "owner")] == [
        *("CE", "ce1", "A", "Chile", "cms", "Probing", "yes", "cms", "jo")
    ]
    assert (record["since"], record["until"]) == ("2026-08-21T17:00:00+00:00",) * 2
    assert record["reasons"] == "full; and cold"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_nothing_is_a_formula_to_a_spreadsheet(text: str) -> None:
    [record] = told(text, text)
    assert record["name"] == f"'{text}"
    assert record["reasons"].startswith("'")


def test_names_with_commas_quotes_and_lines_stay_whole() -> None:
    [record] = told('a,"b"\nc')
    assert record["name"] == 'a,"b"\nc'
