"""Downtimes as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration
from gridmask.replay.importers import tables
from tests.histories import EPOCH

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.replay.importers.histories import Version

HEAD = "record,type,name,severity,start,end,known_from,known_to,vo\n"
START, END = "2021-03-01T10:00:00Z", "2021-03-01T16:00:00+02:00"


def read(folder: Path, text: str) -> tuple[Version, ...]:
    (folder / "h.csv").write_text(text, encoding="utf-8")
    return tables.history(folder / "h.csv", TypeRegistry()).versions


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        read(folder, text)
    return str(caught.value).removeprefix(f"{folder / 'h.csv'}, ")


def test_a_line_is_a_version(tmp_path: Path) -> None:
    [one] = read(tmp_path, f"{HEAD}7,ComputingElement,ce01,OUTAGE,{START},{END},2021-03-01T00:00:00Z,,CMS\n")
    assert one.known_from == EPOCH
    assert one.downtime.targets == {ElementKey("Resource", "ComputingElement", "ce01")}
    assert (one.downtime.vo, one.downtime.interval.end, one.known_to) == ("cms", EPOCH.replace(hour=14), None)


def test_lines_that_differ_in_the_element_are_one_version(tmp_path: Path) -> None:
    [one] = read(tmp_path, f"{HEAD}7,Site,HERE,OUTAGE,{START},{END},,,\n7,FTS,fts,OUTAGE,{START},{END},,,\n")
    assert {target.name for target in one.downtime.targets if isinstance(target, ElementKey)} == {"HERE", "fts"}
    assert {target.family for target in one.downtime.targets if isinstance(target, ElementKey)} == {"Site", "Resource"}


def test_what_is_not_told_to_be_known_was_known_by_its_start(tmp_path: Path) -> None:
    [one] = read(tmp_path, f"record,type,name,severity,start\n7,FTS,fts,OUTAGE,{START}\n\n")
    assert one.known_from == one.downtime.interval.start
    assert one.downtime.interval.end is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: it is empty"),
        ("record,type,name,severity\n", "line 1: the column 'start' is missing"),
        (HEAD.replace("vo", "vos"), "line 1: there is no column 'vos'"),
        (HEAD.replace("vo", "end"), "line 1: a column is there twice"),
        (f"{HEAD}7,FTS\n", "line 2: it has 2 cells, and there are 9 columns"),
        (f"{HEAD},FTS,fts,OUTAGE,{START},,,,\n", "line 2: record is empty"),
        (f"{HEAD}7,FTS,fts,OUTAGE,today,,,,\n", "line 2: start: 'today' is no time"),
        (f"{HEAD}7,FTS,fts,OUTAGE,2021-03-01T10:00,,,,\n", "line 2: start: '2021-03-01T10:00' does not say in which time zone"),
        (f"{HEAD}7,FTS,fts,OUTAGE,{START},2021-03-01T09:00Z,,,\n", "line 2: it ends before it starts"),
        (f"{HEAD}7,FTS,fts,OUTAGE,{START},,{END},{START},\n", "line 2: known_to is before known_from"),
        (f"{HEAD}7,FTS,fts,OUTAGE,{START},,,,a b\n", "line 2: "),
        (f"{HEAD}7,FTS,fts,OUTAGE,{START},,,,\n7,FTS,fts,WARNING,{START},,,,\n", "line 3: a line before says something else"),
        (f'{HEAD}7,"FTS\n', "line 2: unexpected end of data"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert refusal(tmp_path, text).startswith(told)


def test_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_bytes(b"record\xff")
    with pytest.raises(InvalidConfiguration, match="it is not in UTF-8"):
        tables.history(tmp_path / "h.csv", TypeRegistry())
