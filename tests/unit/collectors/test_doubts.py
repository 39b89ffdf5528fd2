"""What is a sum, is one of all that belongs to it: a record that cannot be read makes no number smaller."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmask.collectors.doubts import Doubts
from gridmask.collectors.kind import MeasurementKind
from gridmask.collectors.observations import Observations
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.kinds import KINDS
from gridmask.source import Source
from gridmask.testing import answered

Record = dict[str, Any]
NAMES, VOS, COUNTS = st.sampled_from(("A", "B", "C")), st.sampled_from(("cms", "lhcb")), st.integers(0, 5)
STATUSES = st.sampled_from(("Done", "Failed", "Running"))
HOSTS = NAMES.map(lambda name: f"davs://{name.lower()}.example.org")
SHARES = [{"name": name, "element": element} for name, element in (("A", "X"), ("B", "X"), ("C", "Y"))]
RUBBISH: Sequence[object] = (None, 7.5, -1, True, "two words", [], {"a": 1}, ["x"], "\0")

SUMS: Mapping[str, tuple[st.SearchStrategy[Record], Callable[[list[Record]], object], Record]] = {
    "zammad": (
        st.fixed_dictionaries({"wlcg_sites": NAMES | st.lists(NAMES, max_size=2), "vo_support": VOS | st.just("")}),
        lambda records: [{"id": number, **record} for number, record in enumerate(records)],
        {},
    ),
    "fts-monitoring": (
        st.fixed_dictionaries({"source_se": HOSTS, "dest_se": HOSTS, "vo_name": VOS, "finished": COUNTS, "failed": COUNTS}),
        lambda records: {"overview": {"count": len(records), "items": records}},
        {"per_vo": True},
    ),
    "rucio-transfers": (
        st.fixed_dictionaries(
            {"src_rse": NAMES, "dst_rse": NAMES, "files": st.fixed_dictionaries({"failed-total-1h": COUNTS})}
        ),
        lambda records: {"lines": records},
        {"names": {"C": "B"}},
    ),
    "diracx-jobs": (
        st.fixed_dictionaries({"Site": NAMES, "Status": STATUSES, "count": COUNTS}),
        lambda records: records,
        {},
    ),
    "dirac-wms": (
        st.fixed_dictionaries({"Site": NAMES, "Status": STATUSES, "count": COUNTS}),
        lambda records: {"OK": True, "Value": [[record, record.pop("count")] for record in map(dict, records)]},
        {},
    ),
    "wlcg-srr": (
        st.fixed_dictionaries({"name": NAMES, "totalsize": COUNTS, "usedsize": COUNTS}),
        lambda records: {"storageservice": {"storageshares": [*records, *({"name": name, "totalsize": 9} for name in "ABC")]}},
        {"share": SHARES},
    ),
}
"""By kind: its records, an answer that has them, and options."""


def said(kind: str, records: list[Record]) -> Observations:
    _, document, options = SUMS[kind]
    reading = KINDS[kind]
    assert isinstance(reading, MeasurementKind)
    source = Source(name="sums", kind=kind, url="https://a.example.org", options=options)
    written = document(records)
    lines = written["lines"] if isinstance(written, dict) and "lines" in written else [written]
    return reading.read(answered("\n".join(map(json.dumps, lines)).encode()), source, TypeRegistry())


@pytest.mark.parametrize("kind", SUMS)
@given(data=st.data())
@settings(max_examples=30)
def test_what_is_stated_with_something_unreadable_is_what_would_be_stated_without(kind: str, data: st.DataObject) -> None:
    way = (lambda record: (record["src_rse"], record["dst_rse"])) if kind == "rucio-transfers" else None
    records = data.draw(st.lists(SUMS[kind][0], min_size=1, max_size=8, unique_by=way))
    which, member = data.draw(st.sampled_from(range(len(records)))), data.draw(st.sampled_from(sorted(records[0])))
    wrong = [dict(record) for record in records]
    wrong[which][member] = data.draw(st.sampled_from(RUBBISH))
    try:
        told = said(kind, wrong)
    except MalformedAnswer:
        return  # nothing is stated
    if told.conclusive:
        return  # it could be read: then it says something else
    whole = {item.key: item.value for item in said(kind, records).evidence}
    assert {item.key: item.value for item in told.evidence if whole.get(item.key) != item.value} == {}


def test_of_what_is_known_everything_has_to_agree() -> None:
    doubts = Doubts()
    doubts.add("A", None)
    doubts.add("B", "cms")
    assert [doubts.concern(*place) for place in (("A", "cms"), ("B", "cms"), ("B", "all"), ("C", "cms"))] == [
        True,
        True,
        False,
        False,
    ]
    doubts.add(None, None)
    assert doubts.concern("C", "cms")
