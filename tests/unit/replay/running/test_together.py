"""A replay as work: in parts, interrupted and gone on with, it comes to the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.automation import Mode
from gridmask.domain.element import RowKey
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest
from gridmask.domain.events import AutomationRuled, StatusSet, VosChanged
from gridmask.domain.status import Status
from gridmask.domain.token import Term
from gridmask.domain.vo import ALL
from gridmask.recording import file
from gridmask.recording.events import told
from gridmask.recording.recording import Line
from gridmask.replay.changes import Change
from gridmask.replay.masks import masks_at
from gridmask.replay.running import plan as plans
from gridmask.replay.running import planning, together
from gridmask.replay.running.sums import Sums
from gridmask.replay.running.work import work
from tests import histories
from tests.histories import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gridmask.domain.element import ElementKey

SOMEBODY = Actor.administrator("somebody")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history in which people have a hand, too: sometimes with several elements, one of which there is not."""
    folder, random = tmp_path_factory.mktemp("recorded"), Random(5)
    made = histories.recording(folder, random)
    lines = sorted((*made.lines, *_deeds(sorted(one.key for one in made.world.elements), random)), key=lambda line: line.at)
    file.write(folder / "recording.gz", replace(made, lines=lines))
    return folder / "recording.gz"


def _deeds(keys: list[ElementKey], random: Random) -> Iterator[Line]:
    for day in range(1, 14):
        rows = tuple(RowKey(key, "all", ALL) for key in random.sample(keys, 3))
        at, term = EPOCH + day * DAY, Term(EPOCH + (day + 2) * DAY)
        yield Line(at, told(StatusSet(SOMEBODY, rows, random.choice(list(Status)), "so", term)), "set")
        yield Line(
            at, told(AutomationRuled(SOMEBODY, frozenset(random.sample(keys, 2)), "cms", random.choice(list(Mode)))), "ruled"
        )
    yield Line(EPOCH + 5 * DAY, told(VosChanged(frozenset({"new"}), frozenset({"atlas"}))), "vos")


Result = tuple[Sums, list[Change]]


def run(path: Path, folder: Path, parts: int = 1, most: int | None = None, **asked: Any) -> Result:  # noqa: ANN401 - of planned
    """Do it in one process, part by part; interrupted after ``most`` steps, again and again."""
    plan = planning.planned(path, processes=parts, **asked)
    plans.save(plan, folder)
    sums = [finished(folder, number, most) for number in range(plan.parts)]
    return reduce(Sums.plus, sums), list(together.lines(folder, plan))


def finished(folder: Path, number: int, most: int | None) -> Sums:
    while (done := work(folder, number, plans.load(folder), after(most), lambda _: None)) is None:
        pass
    return done


def after(most: int | None) -> Callable[[], bool]:
    steps = count(1)
    return lambda: most is not None and next(steps) >= most


@pytest.fixture(scope="module")
def whole(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(recorded, tmp_path_factory.mktemp("whole"))


def test_much_happens(whole: Result) -> None:
    sums, changes = whole
    assert sums.refused > 3
    assert {"opened", "status", "token", "ended", "element"} <= {change.kind for change in changes}


@pytest.mark.parametrize("parts", [2, 5])
def test_parts_come_to_the_same_as_the_whole(recorded: Path, tmp_path: Path, whole: Result, parts: int) -> None:
    assert run(recorded, tmp_path, parts) == whole


@pytest.mark.parametrize(("parts", "most"), [(1, 50), (2, 31)])
def test_what_was_interrupted_comes_to_the_same(recorded: Path, tmp_path: Path, whole: Result, parts: int, most: int) -> None:
    assert run(recorded, tmp_path, parts, most) == whole


def test_lines_that_were_written_after_the_last_keeping_are_made_again(recorded: Path, tmp_path: Path, whole: Result) -> None:
    plan = planning.planned(recorded, processes=1)
    plans.save(plan, tmp_path)
    assert work(tmp_path, 0, plan, after(90), lambda _: None) is None
    with (tmp_path / "part-0.jsonl").open("ab") as lines:
        lines.write(b'[1,2,{"at":"20')
    assert (finished(tmp_path, 0, None), list(together.lines(tmp_path, plan))) == whole


def test_what_is_left_out_at_first_is_told_as_it_stands_then(recorded: Path, tmp_path: Path, whole: Result) -> None:
    since = EPOCH + 6 * DAY
    _, changes = run(recorded, tmp_path, since=since)
    assert min(change.at for change in changes) == since
    for days in (6, 7.5, 12):
        late, early = (masks_at(some, EPOCH + days * DAY) for some in (changes, whole[1]))
        assert [late.of(vo) for vo in ("all", "cms", "new")] == [early.of(vo) for vo in ("all", "cms", "new")]


def test_it_ends_when_it_is_to_end(recorded: Path, tmp_path: Path, whole: Result) -> None:
    until = EPOCH + 6 * DAY
    _, changes = run(recorded, tmp_path, until=until)
    assert changes == [change for change in whole[1] if change.at <= until]


def test_what_looks_at_others_is_done_in_one_part(recorded: Path) -> None:
    guarded = {"all": {"policy": {}, "guard": {"enabled": True}}}
    assert planning.planned(recorded, policies=guarded, processes=4).parts == 1


@pytest.mark.parametrize(("since", "until"), [(-1, None), (None, 10_000), (9, 8)])
def test_a_period_of_which_nothing_is_known_is_refused(recorded: Path, since: int | None, until: int | None) -> None:
    moments = [None if days is None else EPOCH + days * DAY for days in (since, until)]
    with pytest.raises(InvalidRequest):
        planning.planned(recorded, since=moments[0], until=moments[1])


def test_a_replay_does_not_go_on_with_another_recording(recorded: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gz"
    copy.write_bytes(recorded.read_bytes())
    plans.save(planning.planned(copy), tmp_path)
    copy.write_bytes(b"another")
    with pytest.raises(InvalidConfiguration, match="is not the recording that this replay began with"):
        plans.load(tmp_path)


def test_what_cannot_have_happened_is_told(recorded: Path, tmp_path: Path) -> None:
    read = file.read(recorded)
    naive = Term((EPOCH + 20 * DAY).replace(tzinfo=None))
    deed = StatusSet(SOMEBODY, (RowKey(read.world.elements[0].key, "all", ALL),), Status.BANNED, "so", naive)
    file.write(tmp_path / "r.gz", replace(read, lines=[Line(EPOCH, told(deed))]))
    with pytest.raises(InvalidConfiguration, match="tells something that cannot be"):
        run(tmp_path / "r.gz", tmp_path)


def test_a_folder_without_a_replay_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="holds no replay that was interrupted"):
        plans.load(tmp_path)
