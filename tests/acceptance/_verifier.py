"""What is wrong in the books of an installation, by themselves and against what writers were told.

Written from the promises (K1 to K3) and from ``docs/reference/schema.md``, for books that were read with plain SQL; nothing of
Gridmask's is used. Books of which everything is kept: retention and the forgetting of delivered entries take a week.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.acceptance._books import Books, Row
    from tests.acceptance._notes import Deed, Notes

TAG = re.compile(r"#\S+$")
SET_KINDS = {"opened", "status", "token", "held"}
LASTING = {
    "audit": ("at", "actor", "actor_kind", "action", "comment", "revision"),
    "changes": ("revision", "element_id", "status_type", "vo", "kind", "old", "new", "reasons", "actor", "at", "token_owner"),
    "outbox": ("key", "topic", "payload", "created_at"),
    "policy_layers": ("vo", "version", "revision", "text", "put_at"),
}
"""What of each table never becomes another, once it is there."""


def inconsistencies(books: Books) -> Iterator[str]:
    """What of the books contradicts other parts of them."""
    for examine in (revisions, outbox, history, rows, downtimes, layers):
        yield from examine(books)


def revisions(books: Books) -> Iterator[str]:
    """Revisions are 1 to n, each signed for once; nothing knows of a later one."""
    [counter] = books["counter"] or [{"revision": -1}]
    last = counter["revision"]
    signed = [row["revision"] for row in books["audit"] if row["revision"] is not None]
    if signed != sorted(signed):
        yield "audit: revisions are not in the order in which they were written"
    if sorted(signed) != list(range(1, last + 1)):
        missing = sorted(set(range(1, last + 1)) - set(signed))
        yield f"audit: counter {last}, {len(signed)} revisions signed for; missing {missing[:5]}, twice {_twice(signed)}"
    for table, column in (("changes", "revision"), ("statuses", "revision"), ("vos", "mask_revision")):
        beyond = [row for row in books[table] if row[column] > last]
        if beyond:
            yield f"{table}: {len(beyond)} beyond revision {last}"


def outbox(books: Books) -> Iterator[str]:
    """Each revision is told of, once, by the key that is its own, at its moment."""
    at = {row["revision"]: row["at"] for row in books["audit"]}
    keys = [row["key"] for row in books["outbox"]]
    if twice := _twice(keys):
        yield f"outbox: twice: {twice}"
    told = {row["key"]: row for row in books["outbox"] if row["key"].startswith("revision-")}
    for revision in at.keys() - {None}:
        entry = told.pop(f"revision-{revision}", None)
        if entry is None:
            yield f"outbox: nothing tells of revision {revision}"
        elif entry["created_at"] != at[revision] or json.loads(entry["payload"]) != {"revision": revision}:
            yield f"outbox: {entry['key']} tells of something else than revision {revision}"
    if told:
        yield f"outbox: tells of revisions that there are not: {sorted(told)[:5]}"


def history(books: Books) -> Iterator[str]:
    """Each change is of a revision that was signed for, by the same actor at the same moment; later ones stand later."""
    signed = {row["revision"]: (row["actor"], row["at"]) for row in books["audit"]}
    ours = [row for row in books["changes"] if row["revision"] > 0]
    for change in ours:
        if signed.get(change["revision"]) != (change["actor"], change["at"]):
            yield f"changes: {change['id']} of revision {change['revision']} is not what the audit signed for"
    if any(earlier["revision"] > later["revision"] for earlier, later in pairwise(ours)):
        yield "changes: they are not in the order of their revisions"
    whose = [(c["revision"], *_identity(c)) for c in ours if c["status_type"]]
    if twice := _twice(whose):
        yield f"changes: a row changed twice in one revision: {twice}"


def rows(books: Books) -> Iterator[str]:
    """Each row is what its history comes to, and nothing has a history that ends in a row that is not there."""
    there = {_identity(row): row for row in books["statuses"]}
    for identity, course in _courses(books).items():
        yield from _breaks(identity, course)
        yield from _difference(identity, course[-1], there.pop(identity, None))
    if there:
        yield f"statuses: {len(there)} rows without a history, such as {min(there)}"


def _courses(books: Books) -> dict[tuple[Any, ...], list[Row]]:
    courses: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for change in sorted(books["changes"], key=lambda change: (change["revision"], change["id"])):
        if change["status_type"]:
            courses[_identity(change)].append(change)
    return courses


def _breaks(identity: tuple[Any, ...], course: list[Row]) -> Iterator[str]:
    """Where a row was something else than it had become."""
    if course[0]["old"] is not None:
        yield f"changes: {identity} begins with what was {course[0]['old']} before"
    for before, after in pairwise(course):
        if before["new"] != after["old"]:
            became, was = (before["new"], before["revision"]), (after["old"], after["revision"])
            yield f"changes: {identity} became {became[0]} in {became[1]} and was {was[0]} in {was[1]}"


def _difference(identity: tuple[Any, ...], last: Row, row: Row | None) -> Iterator[str]:
    if row is None or last["kind"] == "ended":
        if (row is None) is not (last["kind"] == "ended"):
            yield f"statuses: {identity} is {'not ' if row is None else ''}there after a change {last['kind']!r}"
        return
    pairs = {"status": "new", "revision": "revision", "binding": "binding"} | {
        name: name for name in ("token_owner", "token_expires_at", "token_agreed")
    }
    for column, said in pairs.items():
        if row[column] != last[said]:
            yield f"statuses: {identity} has {column} {row[column]}, its last change says {last[said]}"


def downtimes(books: Books) -> Iterator[str]:
    """Of each downtime, one version at a time is known; each names what it is about."""
    named = {target["downtime_id"] for target in books["downtime_targets"]}
    versions: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for version in books["downtimes"]:
        versions[version["source"], version["record"]].append(version)
        if version["id"] not in named:
            yield f"downtimes: {version['id']} is about nothing"
        if version["known_to"] is not None and version["known_to"] < version["known_from"]:
            yield f"downtimes: {version['id']} was known until before it was known"
    for key, course in versions.items():
        for before, after in pairwise(course):
            if before["known_to"] is None or before["known_to"] > after["known_from"]:
                yield f"downtimes: two versions of {key} at a time"


def layers(books: Books) -> Iterator[str]:
    """The versions of a VO's policies are numbered without gaps."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for layer in books["policy_layers"]:
        numbers[layer["vo"]].append(layer["version"])
    for vo, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            yield f"policy_layers: those of {vo} are not numbered from 1 to {len(found)}"


def alterations(before: Books, after: Books) -> Iterator[str]:
    """What was there at an earlier look and is not, or is something else, now."""
    for table, columns in LASTING.items():
        now = {row["id"]: row for row in after[table]}
        for row in before[table]:
            found = now.get(row["id"])
            if found is None or any(found[column] != row[column] for column in columns):
                yield f"{table}: {row['id']} was {'lost' if found is None else 'altered'} after it had been seen"


@dataclass
class Index:
    """The books, by what deeds are found with."""

    books: Books
    signed: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_revision: dict[int, dict[tuple[Any, ...], Row]] = field(default_factory=lambda: defaultdict(dict))
    courses: dict[tuple[Any, ...], list[Row]] = field(default_factory=lambda: defaultdict(list))
    brought: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        for row in self.books["audit"]:
            if tag := TAG.search(row["comment"]):
                self.signed[tag[0]].append(row)
        elements = {element["id"]: element for element in self.books["elements"]}
        for change in self.books["changes"]:
            if change["status_type"] and change["revision"]:
                element = elements[change["element_id"]]
                key = (element["name"], element["type"], change["status_type"], change["vo"])
                self.by_revision[change["revision"]][key] = change
                self.courses[key].append(change)
        self.declared = {row["description"]: row for row in self.books["downtimes"]}
        self.targets = Counter(row["downtime_id"] for row in self.books["downtime_targets"])
        self.put = {row["reason"]: row for row in self.books["policy_layers"]}
        for row in self.books["evidence"]:
            number = int(json.loads(row["value"])["value"])
            self.brought[row["source"]] = max(number, self.brought[row["source"]])
        self.vos = {row["name"] for row in self.books["vos"]}


def contradictions(books: Books, notes: Notes) -> Iterator[str]:
    """What writers were told that is not so."""
    index = Index(books)
    for deed in notes.deeds.values():
        records = index.signed.get(deed.tag, [])
        if deed.what in UNSIGNED:
            yield from UNSIGNED[deed.what](index, deed)
        elif len(records) > 1:
            yield f"{deed.tag}: {deed.what} was done {len(records)} times"
        elif deed.fate == "ack" and not records:
            yield f"{deed.tag}: {deed.what} was acknowledged, and is lost"
        elif deed.fate == "no" and records:
            yield f"{deed.tag}: {deed.what} was refused for certain, and is there"
        elif records:
            yield from _whole(index, deed, records[0])


def unclaimed(books: Books, notes: Notes) -> Iterator[str]:
    """What is in the books that no writer ever meant to do."""
    signed = {tag[0] for row in books["audit"] if (tag := TAG.search(row["comment"]))}
    if unknown := signed - notes.deeds.keys():
        yield f"audit: nobody claimed {sorted(unknown)[:5]}"


def unacknowledged(books: Books, notes: Notes) -> Counter[str]:
    """How many deeds are in the books of which no writer was told that they are, by fate."""
    signed = {tag[0] for row in books["audit"] if (tag := TAG.search(row["comment"]))}
    return Counter(deed.fate for tag, deed in notes.deeds.items() if tag in signed and deed.fate != "ack")


def _whole(index: Index, deed: Deed, record: Row) -> Iterator[str]:
    """What of a deed that is there is missing, or other than was told."""
    known = deed.told.get("revision")  # of what was told to have been done, without what came of it, there is none
    if deed.fate == "ack" and known is not None and known != record["revision"]:
        yield f"{deed.tag}: was told revision {deed.told['revision']}, and is {record['revision']}"
    if deed.what in WHOLE:
        yield from WHOLE[deed.what](index, deed, record)


def _set(index: Index, deed: Deed, record: Row) -> Iterator[str]:
    if deed.claim["until"] is not None and deed.claim["until"] <= record["at"]:
        return  # when it had its turn, its term was over
    revision = record["revision"]
    changed = index.by_revision.get(revision, {})
    mine = {key for key, change in changed.items() if deed.tag in change["reasons"]}
    acked = {tuple(key) for key in deed.told.get("more") or ()}
    if not acked <= mine:
        yield f"{deed.tag}: has no history for {sorted(acked - mine)[:3]}"
    # rows that follow those of all come with them; at least as many as were named have a history of it
    if (there := len({key[0] for key in mine})) != deed.claim["rows"]:
        yield f"{deed.tag}: is half there: {there} of {deed.claim['rows']} elements"
    for key in mine:
        if changed[key]["token_owner"] != deed.claim["owner"] or changed[key]["new"] != deed.claim.get(
            "status", changed[key]["new"]
        ):
            yield f"{deed.tag}: {key} became something else"
    if deed.claim.get("seen") is not None:
        yield from _overwritten(index, deed, acked, revision)


def _overwritten(index: Index, deed: Deed, keys: Iterable[tuple[Any, ...]], revision: int) -> Iterator[str]:
    """What became of rows between the look and the write."""
    for key in keys:
        between = [change for change in index.courses[key] if deed.claim["seen"] < change["revision"] < revision]
        # a row that ended was not there to be seen
        if between and between[-1]["kind"] != "ended":
            yield f"{deed.tag}: overwrote what {key} became in {between[-1]['revision']} (an update is lost)"


def _declare(index: Index, deed: Deed, _: Row) -> Iterator[str]:
    version = index.declared.get(deed.tag)
    if version is None or index.targets[version["id"]] != deed.claim["targets"]:
        yield f"{deed.tag}: the downtime is {'lost' if version is None else 'half there'}"


def _put(index: Index, deed: Deed, _: Row) -> Iterator[str]:
    if deed.tag not in index.put or f"# {deed.tag}\n" not in index.put[deed.tag]["text"]:
        yield f"{deed.tag}: the policies are lost"


def _add_vo(index: Index, deed: Deed, _: Row) -> Iterator[str]:
    if deed.claim["vo"] not in index.vos:
        yield f"{deed.tag}: the VO is lost"


def _report(index: Index, deed: Deed) -> Iterator[str]:
    number = int(deed.tag.rpartition("-")[2])
    if deed.fate == "ack" and index.brought[deed.claim["source"]] < number:
        yield f"{deed.tag}: a measurement is lost"


def _by_revision(index: Index, deed: Deed) -> Iterator[str]:
    revision = deed.told.get("revision")
    if deed.fate == "ack" and revision is not None and revision not in index.by_revision:
        yield f"{deed.tag}: revision {revision} was acknowledged, and changed nothing"


WHOLE: dict[str, Callable[[Index, Deed, Row], Iterator[str]]] = {
    "set": _set,
    "take": _set,
    "declare": _declare,
    "put": _put,
    "add VO": _add_vo,
}
UNSIGNED: dict[str, Callable[[Index, Deed], Iterator[str]]] = {"report": _report, "catch up": _by_revision}


def _identity(record: Row) -> tuple[Any, ...]:
    return record["element_id"], record["status_type"], record["vo"]


def _twice(values: list[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1][:5]
