from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.cms_sst.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Point, Probe, Series, State
from gridmask.domain.naming import HostedService
from gridmask.source import Source
from gridmask.testing import answered
from gridmask.testing.times import moment

SITE = "T2_XX_Example"
DOCUMENTS = ["usable-sites", "override", "ssb", "readiness", "status", "downtime"]


def said(body: bytes, document: str, **options: object) -> Observations:
    told = {"document": document, **options}
    source = Source(name="sst", kind="cms-sst", url="https://cms.example.org", valid_for=timedelta(hours=2), options=told)
    return read(answered(body), source, TypeRegistry())


def listed(*documents: object) -> bytes:
    return json.dumps(documents).encode()


def usable(name: str = SITE, value: str = "usable", at: str = "09:50") -> dict[str, Any]:
    return {"name": name, "nvalue": None, "color": "green", "value": value, "date": int(moment(at).timestamp())}


def monit(path: str, at: str, name: str = SITE, **data: object) -> dict[str, Any]:
    metadata = {"producer": "cmssst", "path": path, "timestamp": int(moment(at).timestamp() * 1000)}
    return {"metadata": metadata, "data": {"name": name, **data}}


# --- Lists of sites


def test_whether_a_site_is_usable_is_its_state_since_that_was_found_out() -> None:
    [item] = said(listed(usable()), "usable-sites").evidence
    assert (item.key, item.value) == (("sst", SITE, ElementKey("Site", "Site", SITE)), State("usable"))
    assert (item.observed_at, item.valid_until, item.vo) == (moment("09:50"), moment("11:50"), "cms")


def test_names_and_whom_it_is_about_can_be_others() -> None:
    [item] = said(listed(usable()), "usable-sites", names={SITE: "EXAMPLE-LCG2"}, vo="all").evidence
    assert (item.key.about, item.vo) == (ElementKey("Site", "Site", "EXAMPLE-LCG2"), "all")


def test_what_a_person_set_tells_who_and_why() -> None:
    set_by = {"name": SITE, "status": "drain", "mode": "oneday", "when": "2026-Aug-04 08:10:00", "who": "op", "why": "network"}
    [item] = said(listed(set_by), "override").evidence
    assert item.value == State("drain", "oneday by op since 2026-Aug-04 08:10:00: network")
    assert item.observed_at == moment("10:00")


def test_that_nobody_overrides_anything_is_an_answer() -> None:
    assert said(b"[]", "override") == Observations(())


def test_a_state_in_the_text_of_an_ssb_metric() -> None:
    text = f"#txt\n#\n# Prod Status\n\n2026-08-21 09:45:00\t{SITE}\tdrain\tyellow\thttps://x\n"
    [item] = said(text.encode(), "ssb").evidence
    assert (item.value, item.observed_at) == (State("drain"), moment("09:45"))


@pytest.mark.parametrize("line", ["2026-08-21 09:45:00\tT2", "soon\tT2\tdrain", "2026-08-21 09:45:00\tT2\t\tred", "<html>"])
def test_a_line_that_cannot_be_read_spoils_no_other(line: str) -> None:
    told = said(f"#txt\n{line}\n2026-08-21 09:45:00\t{SITE}\tdrain\n".encode(), "ssb")
    assert (len(told.evidence), told.conclusive, told.problems[0].startswith("line 2: ")) == (1, False, True)


# --- Documents of MonIT


def test_readiness_is_a_probe_with_its_detail_and_a_series() -> None:
    days = [monit("sr1day", f"2026-08-{day}T00:00", status=word, value=0.8) for day, word in ((20, "ok"), (19, "error"))]
    days[0]["data"]["detail"] = "SAM: ok,\nHC: ok"
    probe, words, numbers = said(listed(*days), "readiness").evidence
    assert (probe.value, probe.observed_at) == (Probe("sr1day", "OK", "ok: SAM: ok, HC: ok"), moment("2026-08-20T00:00"))
    first, last = moment("2026-08-19T00:00"), moment("2026-08-20T00:00")
    assert words.value == Series("sr1day", (Point(first, "error"), Point(last, "ok")))
    assert numbers.value == Series("sr1day.value", (Point(first, 0.8), Point(last, 0.8)))


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("ok", "OK"),
        ("warning", "WARNING"),
        ("Error", "CRITICAL"),
        ("unknown", "UNKNOWN"),
        ("downtime", "MISSING"),
        ("?", "UNKNOWN"),
    ],
)
def test_words_are_results(word: str, result: str) -> None:
    probe = said(listed(monit("sam15min", "09:45", status=word)), "readiness").evidence[0].value
    assert isinstance(probe, Probe)
    assert probe.result == result


def test_a_document_about_the_same_time_is_a_correction() -> None:
    told = said(listed(*(monit("sr15min", "09:45", status=word) for word in ("error", "ok"))), "readiness")
    assert (told.problems, told.evidence[0].value) == ((), Probe("sr15min", "OK", "ok"))


def test_documents_stand_in_lines_as_well() -> None:
    documents = [monit("sr15min", "09:45", status="ok"), monit("sr15min", "09:45", "T2_YY", status="ok")]
    lines = "\n".join(map(json.dumps, documents)).encode()
    assert said(lines, "readiness") == said(listed(*documents), "readiness")


@pytest.mark.parametrize(("options", "state"), [({}, "enabled"), ({"state": "prod_status"}, "drain")])
def test_one_of_a_sites_states_is_taken(options: dict[str, object], state: str) -> None:
    document = monit("sts15min", "09:45", status="enabled", prod_status="drain", manual_prod=None, detail="Prod: [future]")
    [item] = said(listed(document), "status", **options).evidence
    assert (item.value, item.observed_at) == (State(state, "Prod: [future]"), moment("09:45"))


def test_a_downtime_is_the_state_of_the_service_or_of_the_site() -> None:
    of_host = monit("down15min", "09:45", "SE01.example.org", type="WebDAV", status="downtime", detail="EGI:36090")
    of_site = monit("down15min", "09:45", type="site", status="ok")
    first, second = said(listed(of_host, of_site), "downtime", services={"WebDAV": "webdav"}).evidence
    assert (first.key.about, first.value) == (HostedService("se01.example.org", "webdav"), State("downtime", "EGI:36090"))
    assert (second.key.about, second.value) == (ElementKey("Site", "Site", SITE), State("ok"))


# --- What is wrong


@pytest.mark.parametrize(
    ("document", "good", "bad"),
    [
        ("usable-sites", usable(), {**usable(), "value": None}),
        ("usable-sites", usable(), {**usable(), "date": 10**30}),
        ("override", {"name": SITE, "status": "drain"}, {"name": "", "status": "drain"}),
        ("readiness", monit("sr1day", "09:45", status="ok"), monit("sr1day", "09:45", status=7)),
        ("readiness", monit("sr1day", "09:45", status="ok"), {"metadata": {"path": "x", "timestamp": 10**18}, "data": {}}),
        ("status", monit("sts15min", "09:45", status="ok"), monit("sts15min", "09:45", prod_status="ok")),
        ("downtime", monit("down15min", "09:45", type="CE", status="ok"), monit("down15min", "09:45", status="ok")),
    ],
)
def test_one_that_cannot_be_read_is_told_and_spoils_no_other(document: str, good: object, bad: object) -> None:
    whole, spoiled = said(listed(good), document), said(listed(bad, good), document)
    assert (spoiled.evidence, spoiled.conclusive, len(spoiled.problems)) == (whole.evidence, False, 1)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("body", [b"", b"{}", b"<html><body>Sign in</body></html>", b"\xff\xfe\x00", b'{"a": 1}\n{"b": 2}\n'])
def test_what_is_no_such_document_is_refused(document: str, body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="sst"):
        said(body, document)


def test_which_document_it_is_must_be_said() -> None:
    with pytest.raises(InvalidConfiguration, match="document"):
        said(b"[]", "other")


@given(st.binary(max_size=200), st.sampled_from(DOCUMENTS))
def test_rubbish_is_told_or_refused(body: bytes, document: str) -> None:
    for whole in (body, b"#" + body, b"[" + body + b"]", b"#\n" + body.replace(b" ", b"\t")):
        with suppress(MalformedAnswer):
            assert said(whole, document).evidence == ()


def test_lines_that_break_off_are_refused_whole() -> None:
    lines = "\n".join(json.dumps(monit("sr1day", "09:45", status=status)) for status in ("error", "ok")).encode()
    with pytest.raises(MalformedAnswer, match="whole to the last one"):
        said(lines[:-9], "readiness")
