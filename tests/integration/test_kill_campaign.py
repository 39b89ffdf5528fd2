"""The campaign that kills, in small; and whether what judges it would notice anything."""

from __future__ import annotations

import asyncio
import copy
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.bootstrap import installation
from gridmask.clock import system_clock
from tests.acceptance import _books, _verifier, kill
from tests.acceptance._notes import Notes
from tests.acceptance._worker import Writer, settings
from tests.grid import files_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance._books import Books, Row

DEEDS = 60
ROOT = Path(__file__).resolve().parents[2]


class Listener:
    """The other end of a writer's pipe, in the same process."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes

    def poll(self) -> bool:
        return len(self.notes.deeds) >= DEEDS

    def recv_bytes(self) -> bytes:
        return b'{"stop": true}'

    def send_bytes(self, note: bytes) -> None:
        self.notes.take(json.loads(note))


async def worked(folder: Path) -> tuple[Books, Notes]:
    url, notes = f"sqlite:///{folder / 'gridmask.db'}", Notes()
    pipe: Any = Listener(notes)
    await kill.prepare(url, folder)
    async with installation(settings(url, folder), client=files_only(system_clock)) as made:
        await Writer(made, "w0.1", Random(3), pipe, folder).run()
    return _books.read(url), notes


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> tuple[Books, Notes]:
    """What a writer did that nobody killed, and was told."""
    return asyncio.run(worked(tmp_path_factory.mktemp("work")))


@pytest.mark.slow
def test_a_small_campaign_finds_nothing_and_repeats_its_kills() -> None:
    command = [sys.executable, "-m", "tests.acceptance", "kill", "--backend", "sqlite", "--kills", "2", "--seed", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "problems: 0" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "sqlite: 2 kills (" in done.stdout


def test_nothing_is_found_where_nobody_was_killed(work: tuple[Books, Notes]) -> None:
    books, notes = work
    assert [*kill.findings(books, notes, books), *_verifier.unclaimed(books, notes)] == []
    assert notes.fates()["ack"] > DEEDS / 2


def last(rows: list[Row], **wanted: object) -> Row:
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())][-1]


def lose(table: str) -> Callable[[Books], None]:
    return lambda books: books[table].remove(last(books[table]))


def alter(table: str, column: str, value: object, **wanted: object) -> Callable[[Books], None]:
    return lambda books: last(books[table], **wanted).update({column: value})


def repeat(table: str) -> Callable[[Books], None]:
    return lambda books: books[table].append({**last(books[table])})


DAMAGE = {
    "a lost audit record": lose("audit"),
    "a lost change": lose("changes"),
    "a lost entry of the outbox": lose("outbox"),
    "a lost row": lose("statuses"),
    "a lost downtime": lose("downtimes"),
    "lost targets of a downtime": lose("downtime_targets"),
    "lost policies": lose("policy_layers"),
    "a lost measurement": lambda books: books["evidence"].clear(),
    "a gap": alter("counter", "revision", 9999),
    "a half change": alter("statuses", "status", 0, status=4),
    "a row at another revision": alter("statuses", "revision", 0),
    "a change at another time": alter("changes", "at", "2001-01-01 00:00:00.000000"),
    "a broken course": alter("changes", "old", 3, kind="status"),
    "an outbox entry of something else": alter("outbox", "payload", '{"revision":1}'),
    "something told of twice": repeat("outbox"),
    "something signed for twice": repeat("audit"),
    "something changed twice": repeat("changes"),
    "a later revision": alter("vos", "mask_revision", 9999),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(work: tuple[Books, Notes], damage: Callable[[Books], None]) -> None:
    books, notes = copy.deepcopy(work[0]), work[1]
    damage(books)
    assert list(kill.findings(books, notes, None)) != []


@pytest.mark.parametrize("table", ["audit", "changes", "outbox"])
def test_what_was_seen_before_and_is_another_now_is_found(work: tuple[Books, Notes], table: str) -> None:
    books = copy.deepcopy(work[0])
    last(books[table])[_verifier.LASTING[table][0]] = "other"
    assert any("was altered" in problem for problem in _verifier.alterations(work[0], books))


def test_what_was_refused_for_certain_must_not_be_there(work: tuple[Books, Notes]) -> None:
    books, notes = work
    told = notes.copy()
    deed = next(deed for deed in told.deeds.values() if deed.what == "set" and deed.fate == "ack")
    told.deeds[deed.tag] = replace(deed, fate="no")
    assert f"{deed.tag}: set was refused for certain, and is there" in list(_verifier.contradictions(books, told))


def test_what_nobody_claimed_is_found(work: tuple[Books, Notes]) -> None:
    assert list(_verifier.unclaimed(work[0], Notes())) != []
