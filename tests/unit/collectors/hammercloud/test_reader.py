from __future__ import annotations

import json
from typing import Any

import pytest

from gridmask.collectors.hammercloud.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Probe
from gridmask.source import Source
from gridmask.testing import answered

TEST = {"value": "TEST", "reason": "HC.Blacklist.set.test", "since": "2026-08-07T05:10:00"}
OFFLINE = {"value": "OFFLINE", "reason": None}
ONLINE = {"value": "ONLINE", "reason": "by hand"}


def row(queue: str = "Q", **probes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"panda_queue": queue, "probes": {"manual": None, "switcher": None, "hammercloud": None, **probes}}


def said(document: object, **options: object) -> Observations:
    source = Source(name="hc", kind="hammercloud", url="x", options=options)
    return read(answered(json.dumps(document).encode()), source, TypeRegistry())


def probe(document: object, **options: object) -> object:
    (found,) = said(document, **options).evidence
    return found.value


def test_a_queue_that_hammercloud_excluded_fails_its_probe_and_it_is_told_why() -> None:
    summary = "TEST by hammercloud since 2026-08-07T05:10:00: HC.Blacklist.set.test"
    assert probe(row(hammercloud=TEST)) == Probe("exclusion", "CRITICAL", summary)
    (found,) = said(row(hammercloud=TEST)).evidence
    assert found.key.about == ElementKey("Node", "PandaQueue", "Q")


def test_who_comes_first_by_precedence_decides() -> None:
    assert probe(row(hammercloud=TEST, switcher=OFFLINE)) == Probe("exclusion", "CRITICAL", "OFFLINE by switcher")
    assert probe(row(hammercloud=TEST, switcher=OFFLINE, manual=ONLINE)) == Probe(
        "exclusion", "OK", "ONLINE by manual: by hand"
    )
    turned = row(hammercloud=TEST, manual=ONLINE) | {"precedence": ["hammercloud", "manual"]}
    assert probe(turned, results={"test": "WARNING"}, metric="hc") == Probe(
        "hc", "WARNING", f"TEST by hammercloud since {TEST['since']}: {TEST['reason']}"
    )


def test_who_has_no_place_in_the_order_comes_last() -> None:
    assert probe(row(robot=OFFLINE, hammercloud=ONLINE)) == Probe("exclusion", "OK", "ONLINE by hammercloud: by hand")


def test_a_queue_that_nobody_excludes_is_as_the_document_says() -> None:
    assert probe(row()) == Probe("exclusion", "OK", "ONLINE, as nobody excludes it")
    assert probe(row() | {"default": "OFFLINE"}) == Probe("exclusion", "CRITICAL", "OFFLINE, as nobody excludes it")


def test_a_word_that_is_not_known_is_no_result() -> None:
    assert probe(row(manual={"value": "PARKED"})) == Probe("exclusion", "UNKNOWN", "PARKED by manual")


@pytest.mark.parametrize("form", [lambda rows: rows, lambda rows: {row["panda_queue"]: row for row in rows}])
def test_rows_come_in_a_list_or_by_queue(form: Any) -> None:  # noqa: ANN401
    assert len(said(form([row("A"), row("B", manual=OFFLINE)])).evidence) == 2


@pytest.mark.parametrize(
    "wrong", [7, {}, row("\x07"), row("Q" * 300), {"panda_queue": "Q", "probes": []}, row(manual={"value": 7}), row(manual=7)]
)
def test_a_row_that_cannot_be_read_spoils_no_other(wrong: object) -> None:
    told = said([wrong, row("B")])
    assert (len(told.evidence), len(told.problems), told.conclusive) == (1, 1, False)


@pytest.mark.parametrize("body", [b"", b"7", b"<html>", b"[" * 5000])
def test_what_is_no_document_of_exclusions_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(answered(body), Source(name="hc", kind="hammercloud", url="x"), TypeRegistry())
