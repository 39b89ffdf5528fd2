from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gridmask.dirac_rpc.selection import selection
from gridmask.dirac_rpc.tables import CACHES, FOREVER, STATUSES
from gridmask.domain.errors import InvalidRequest

TABLE = STATUSES["ResourceLog"][2]


def moment(day: int) -> datetime:
    return datetime(2026, 1, day)  # noqa: DTZ001 - DIRAC's are naive


def record(number: int, name: str, status: str = "Active", day: int = 1, owner: str = "rs_svc") -> tuple[Any, ...]:
    return (number, name, "all", status, "Smoke.", moment(day), FOREVER, "ComputingElement", moment(day), owner, "all")


RECORDS = [
    record(1, "CE1"),
    record(2, "CE2", "Banned", 2),
    record(3, "CE3", "Degraded", 3, "anna"),
    record(4, "CE1", "Probing", 4),
]


def found(**params: object) -> list[int]:
    return [one[0] for one in selection(TABLE, params).chosen(RECORDS)]


def test_nothing_and_an_empty_text_are_wildcards() -> None:
    assert found() == found(Name=None) == found(Name="", Status=None) == [1, 2, 3, 4]


def test_a_list_is_any_of_its_values_and_an_empty_one_is_none_of_any() -> None:
    assert found(Name=["CE1", "CE3"]) == [1, 3, 4]
    assert found(Name=[]) == []


def test_columns_are_found_in_whatever_case_and_values_only_in_theirs() -> None:
    assert found(name="CE1", STATUSTYPE="all") == [1, 4]
    assert found(Name="ce1") == []


def test_names_of_hosts_are_found_in_whatever_case() -> None:
    table = CACHES["DowntimeCache"]
    row = ("1", "ce.example.org", *(None,) * (len(table.columns) - 2))
    assert selection(table, {"Name": "CE.Example.Org"}).chosen([row]) == [row]


def test_a_number_filters_like_anything_else() -> None:
    assert found(ID=3) == [3]


def test_older_and_newer_leave_out_the_bound_itself() -> None:
    assert found(Meta={"older": ["DateEffective", moment(3)]}) == [1, 2]
    assert found(Meta={"newer": ["ID", 2]}) == [3, 4]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("status", [1, 2, 3, 4]), (["Status", "DESC"], [4, 3, 2, 1]), (["ID", "desc"], [4, 3, 2, 1]), (["Name"], [1, 4, 2, 3])],
)
def test_rows_are_sorted_by_a_column(order: object, expected: list[int]) -> None:
    assert found(Meta={"order": order}) == expected


def test_the_limit_counts_after_the_order_and_none_or_zero_is_all() -> None:
    assert found(Meta={"order": ["ID", "desc"], "limit": 1}) == [4]
    assert found(Meta={"limit": 0}) == found(Meta={"limit": None}) == [1, 2, 3, 4]


def test_chosen_columns_come_in_their_order_and_are_told_in_lower_case() -> None:
    answer = selection(TABLE, {"Name": "CE2", "Meta": {"columns": ["status", "Name"]}}).answer(RECORDS)
    assert answer == {"OK": True, "Value": [["Banned", "CE2"]], "Columns": ["status", "name"]}


def test_whole_rows_come_in_the_order_of_the_table() -> None:
    answer = selection(TABLE, {"ID": 1}).answer(RECORDS)
    assert (answer["Value"], answer["Columns"]) == ([RECORDS[0]], list(TABLE.columns))


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"Nme": "CE1"}, "Did you mean 'Name'"),
        ({"Name": 1}, "is a text"),
        ({"ID": "1"}, "is a number"),
        ({"ID": True}, "is a number"),
        ({"DateEffective": "2026-01-01"}, "is a moment"),
        ({"Name": {"$ne": ""}}, "is a text"),
        ({"Name": [["CE1"]]}, "is a text"),
        ({"Meta": []}, "Meta is a dictionary"),
        ({"Meta": {"columns": "Name"}}, "columns is a list"),
        ({"Meta": {"columns": [1]}}, "cannot be a column"),
        ({"Meta": {"where": "1=1"}}, "Meta is a dictionary"),
        ({"Meta": {"order": ["Name", "sideways"]}}, "order is a column"),
        ({"Meta": {"older": ["ID"]}}, "a column and a value"),
        ({"Meta": {"limit": -1}}, "limit is a number"),
        ({"Meta": {"limit": "1; DROP TABLE"}}, "limit is a number"),
        ([], "no dictionary"),
    ],
)
def test_what_makes_no_sense_is_refused(params: object, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        selection(TABLE, params)


def test_an_empty_text_is_refused_where_it_would_delete_everything() -> None:
    with pytest.raises(InvalidRequest, match="would mean every row"):
        selection(TABLE, {"Name": ""}, strict=True)
