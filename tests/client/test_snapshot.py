"""Snapshots: they are what the server's masks are, whatever led to them."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import ElementKey
from gridmask.domain.mask import Entry, Mask
from gridmask.domain.status import Purpose, Status, usable
from gridmask.feeds.mask_json import encode, encode_delta
from gridmask.service.served import validated
from gridmask_client.masks import MaskDelta, WholeMask
from gridmask_client.snapshot import NOTHING, USABLE, RowChange, Snapshot

KEYS = st.builds(
    ElementKey, st.just("Resource"), st.sampled_from(["CE", "SE"]), st.sampled_from(["a", "b", "ü", 'q"\\', "\u2028", "e"])
)
STATUSES = st.dictionaries(st.sampled_from(["all", "ReadAccess"]), st.sampled_from(Status), min_size=1).map(
    lambda told: tuple(sorted(told.items()))
)
ENTRIES = st.dictionaries(KEYS, st.builds(Entry, st.sampled_from(["A", "B"]), STATUSES))


def mark(revision: int) -> str:
    return f"{revision:016x}" if revision % 3 else ""


def whole(mask: Mask) -> Snapshot:
    return Snapshot.of(msgspec.json.decode(encode(mask, mark(mask.revision)), type=WholeMask))


def same(one: Snapshot, other: Snapshot) -> bool:
    parts = [
        (of.bookmark, of.elements, dict(of.table), {name: set(keys) for name, keys in of.names.items()}) for of in (one, other)
    ]
    return parts[0] == parts[1]


@given(st.lists(st.tuples(ENTRIES, st.sampled_from(["delta", "late", "whole"])), min_size=1, max_size=6))
def test_whatever_is_told_a_replica_is_the_servers_mask(steps: list[tuple[dict[ElementKey, Entry], str]]) -> None:
    masks = [Mask("cms", 0, {})]
    here = whole(masks[0])
    for entries, how in steps:
        masks.append(Mask("cms", masks[-1].revision + 1, entries))
        # a delta can begin before what is here, where a reader came back
        before = masks[-2] if how == "delta" else masks[max(0, len(masks) - 3)]
        if how == "whole":
            here = whole(masks[-1])
        else:
            told = before.difference(masks[-1])
            touched = {key: entry for key, entry in masks[-1].entries.items() if masks[-2].entries.get(key) != entry}
            gone = masks[-2].entries.keys() - masks[-1].entries.keys()
            delta = type(told)("cms", told.since, told.revision, {**told.entries, **touched}, told.gone | gone)
            here.become(msgspec.json.decode(encode_delta(delta, mark(told.revision)), type=MaskDelta))
        assert same(here, whole(masks[-1]))
        assert here.encoded() == encode(masks[-1], mark(masks[-1].revision))
        assert here.digest() == validated(here.encoded(), 0).etag


@given(ENTRIES, ENTRIES)
def test_changes_are_what_differs(old: dict[ElementKey, Entry], new: dict[ElementKey, Entry]) -> None:
    before, after = whole(Mask("cms", 1, old)), whole(Mask("cms", 2, new))
    rows = {(*key, aspect): status.label for key, entry in old.items() for aspect, status in entry.statuses}
    for change in before.changes_to(after.elements):
        assert rows.pop(change[:4], None) == change.before
        if change.after is not None:
            rows[change[:4]] = change.after
    assert rows == {(*key, aspect): status.label for key, entry in new.items() for aspect, status in entry.statuses}


def test_what_may_be_used_is_what_the_server_says() -> None:
    for purpose in Purpose:
        assert USABLE[purpose.value] == {status.label for status in Status if usable(status, purpose)}


def test_of_those_who_share_a_name_the_one_that_lets_one_do_least_counts() -> None:
    mask = b"""{"vo":"cms","revision":1,"more":[],"elements":[
        {"family":"Resource","type":"CE","name":"x","site":"A","status":{"all":"Active","new":"Splendid"},"beauty":3},
        {"family":"Resource","type":"FTS","name":"x","site":"A","status":{"all":"Unknown","new":"Active"}}]}"""
    snapshot = Snapshot.of(msgspec.json.decode(mask, type=WholeMask))
    assert (snapshot.status("x", "all"), snapshot.status("x", "new"), snapshot.status("y", "all")) == (
        "Unknown",
        "Splendid",
        None,
    )
    assert snapshot.table == {"x": NOTHING}
    assert snapshot.table["y"] is NOTHING
    assert not any("Splendid" in good for good in USABLE.values())


def test_members_that_are_not_known_are_passed_over() -> None:
    data = b"""{"vo":"cms","since":0,"revision":1,"why":{},"gone":[{"family":"R","type":"T","name":"n","x":1}],
        "elements":[{"family":"R","type":"T","name":"m","site":"","status":{"all":"Active"},"x":1}]}"""
    empty, after = (whole(Mask("cms", 0, {})) for _ in range(2))
    after.become(msgspec.json.decode(data, type=MaskDelta))
    assert empty.changes_to(after.elements) == (RowChange("R", "T", "m", "all", None, "Active"),)
