"""What masks of the past should have been, from the command line, of the example installation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.command_line import failing, gridmask

pytestmark = pytest.mark.usefixtures("example")


def test_what_was_missed_is_listed_with_its_downtime() -> None:
    moment = datetime.now(UTC).isoformat()
    gridmask("downtime", "add", "fjord-ce1", "--start", moment, "--end", "+2h", "--description", "Fans")
    out = gridmask("hindsight", "aurora", "--at", moment, "--differences").out
    assert "fjord-ce1" in out
    assert "missed" in out
    assert "Fans" in out
    assert "1 missed, 0 lost, 0 other." in out


def test_all_rows_come_as_json_in_the_form_of_the_http_door() -> None:
    told = gridmask("hindsight", "aurora", "--at", "now", "--json").told
    assert told["vo"] == "aurora"
    assert {row["divergence"] for row in told["rows"]} == {None}
    assert gridmask("hindsight", "aurora", "--at", "now", "--json", "--differences", "--policies", "now").told["rows"] == []


def test_knowledge_from_before_the_moment_is_refused() -> None:
    assert "Name a later moment" in failing("hindsight", "aurora", "--at", "now", "--known", "-1h")
    assert "is known since" in failing("hindsight", "aurora", "--at", "2001-01-01T00:00Z")
    assert "--at" in failing("hindsight", "aurora", code=2)
