from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from gridmask_busy.action import Journal
from gridmask_busy.collector import read
from gridmask_busy.rule import Busy

from gridmask.domain.element import TypeRegistry
from gridmask.domain.measurements import Metric
from gridmask.domain.news import HeldBatch, News
from gridmask.domain.status import Status
from gridmask.source import Source
from gridmask.testing import answered, case, element, measured

CE = element("ce01.example.org")


@pytest.mark.parametrize(("load", "status"), [(3.0, Status.ACTIVE), (20.0, Status.ACTIVE), (20.1, Status.DEGRADED)])
def test_a_load_above_the_limit_degrades(load: float, status: Status) -> None:
    assert Busy().assess(case(CE, at="10:00", evidence=[measured(Metric("load", load), CE)])).status is status


def test_without_a_load_there_is_no_verdict() -> None:
    assert Busy().assess(case(CE, at="10:00")).status is None


def test_a_line_that_cannot_be_read_spoils_no_other() -> None:
    body = b"CE01.example.org, 4.5, 2026-08-21T17:00:00Z\nce02.example.org, many, 2026-08-21T17:00:00Z\n"
    said = read(answered(body), Source(name="load", kind="load-csv", url="load.csv"), TypeRegistry())
    assert [(e.key.about, e.value) for e in said.evidence] == [(("ce01.example.org", ""), Metric("load", 4.5))]
    assert not said.conclusive
    assert said.problems == ("line 2: could not convert string to float: 'many'",)


def test_a_change_is_written_down_once(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.jsonl"))
    news = News("batch-1", 7, datetime.now(UTC), HeldBatch("1", "held", "source osg", 12, ("cms",)))
    for _ in range(2):
        anyio.run(journal.tell, news)
    (line,) = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert json.loads(line) == {"key": "batch-1", **news.document()}
