"""Many look at a replica while it becomes another: none of them sees two revisions in one answer."""

from __future__ import annotations

import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gridmask_client.errors import Unavailable
from gridmask_client.masks import MaskDelta, MaskElement, WholeMask
from gridmask_client.replica import TRIES, Bound, Change, Replica
from gridmask_client.shapes import ElementId
from gridmask_client.snapshot import RowChange, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [f"ce{number}" for number in range(40)]


def element(name: str, status: str) -> MaskElement:
    return MaskElement("Resource", "CE", name, "A", {"all": status})


def made() -> Replica:
    replica = Replica(Bound())
    replica.load(Snapshot.of(WholeMask("cms", 1, tuple(element(name, "Active") for name in NAMES))), replica.wall())
    return replica


def become(replica: Replica, revision: int, status: str, *more: ElementId) -> None:
    changed = tuple(element(name, status) for name in NAMES)
    replica.become(MaskDelta("cms", revision - 1, revision, changed, more), replica.clock())


def seen(snapshot: Snapshot) -> set[str | None]:
    return {snapshot.status(name, "all") for name in NAMES}


def test_all_at_once_is_of_one_revision() -> None:
    replica, stop = made(), threading.Event()

    def look() -> int:
        looked = 0
        while not stop.is_set():
            assert len(replica.read(seen)) == 1
            assert len({*replica.read(lambda snapshot: [e.status["all"] for e in snapshot.elements.values()])}) == 1
            looked += 1
        return looked

    with ThreadPoolExecutor(3) as pool:
        looking = [pool.submit(look) for _ in range(3)]
        for revision in range(2, 200):
            become(replica, revision, "Banned" if revision % 2 else "Active")
        stop.set()
        assert all(one.result() for one in looking)


def test_who_looks_again_and_again_is_waited_for() -> None:
    replica, tries = made(), 0

    def look(snapshot: Snapshot) -> int:
        nonlocal tries
        tries += 1
        if tries <= TRIES:
            become(replica, snapshot.revision + 1, "Banned")  # meanwhile
        else:
            assert replica._still.locked()
        return snapshot.revision

    assert (replica.read(look), tries) == (1 + TRIES, TRIES + 1)


def test_what_is_gone_meanwhile_spoils_nothing() -> None:
    replica = made()
    tries = 0

    def look(snapshot: Snapshot) -> list[str]:
        nonlocal tries
        tries += 1
        found = []
        for key in snapshot.elements:
            if tries == 1:
                replica.become(MaskDelta("cms", 1, 2, (), (ElementId("Resource", "CE", "ce1"),)), replica.clock())
            found.append(key.name)
        return found

    assert "ce1" not in replica.read(look)


def test_what_changed_is_told_and_costs_what_changed() -> None:
    replica, heard = made(), list[Change]()
    replica.listen(heard.append)
    replica.become(MaskDelta("cms", 1, 2, (element("ce1", "Banned"),), (ElementId("Resource", "CE", "ce2"),)), 5.0)
    assert [(change.since, change.revision, change.rows) for change in heard] == [
        (
            1,
            2,
            (
                RowChange("Resource", "CE", "ce1", "all", "Active", "Banned"),
                RowChange("Resource", "CE", "ce2", "all", "Active", None),
            ),
        )
    ]
    become(replica, 3, "Banned")
    become(replica, 4, "Banned")
    assert [len(change.rows) for change in heard] == [2, len(NAMES) - 1]


def test_where_there_is_nothing_nothing_is_seen() -> None:
    with pytest.raises(Unavailable):
        Replica(Bound()).read(seen)


def test_a_process_is_forked_between_two_revisions_never_within_one() -> None:
    replica, began = made(), threading.Event()
    was: Callable[[MaskDelta], None] = Snapshot.become.__get__(replica._here())

    def slowly() -> None:
        with replica._still:
            replica._version += 1
            began.set()
            threading.Event().wait(0.05)
            was(MaskDelta("cms", 1, 2, (element("ce1", "Banned"),), ()))
            replica._version += 1

    thread = threading.Thread(target=slowly)
    thread.start()
    began.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that there are threads is the point
        child = os.fork()
    if child == 0:
        os._exit(0 if replica._version % 2 == 0 and replica.read(lambda snapshot: snapshot.revision) == 2 else 1)
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
