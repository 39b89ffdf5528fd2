"""Policy tests are played as things would happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.guard import Cap, Guard
from gridmask.policies.testing.playing import play
from gridmask.policies.testing.reading import read
from gridmask.policies.testing.running import found, run
from gridmask.testing import policies
from gridmask.testing.values import DECLARED_DOWNTIMES

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.policies.testing.outcome import Outcome

TEN = '[[element]]\nname = "ce"\n[[test]]\nname = "x"\n[[test.at]]\ntime = "10:00"\n'
ELEMENT = '[[element]]\nname = "ce"\n'


def outcomes(folder: Path, tests: str, policies: str = "") -> list[Outcome]:
    (folder / "all.toml").write_text(policies)
    (folder / "a.test.toml").write_text(tests)
    return list(run(found([folder]), TypeRegistry()))


def outcome(folder: Path, *moments: str, policies: str = "") -> Outcome:
    """What comes of one test of one element."""
    told = "".join(f"[[test.at]]\n{moment}\n" for moment in moments)
    (only,) = outcomes(folder, f'{ELEMENT}[[test]]\nname = "it"\n{told}', policies)
    return only


def test_a_failure_is_told_as_a_difference_with_why(tmp_path: Path) -> None:
    made = outcome(
        tmp_path,
        'time = "10:00"\ndowntime = [{ description = "Move" }]\nexpect = [{ status = "Active", by = "x", reason = "fine" }]',
    )
    told = "\n".join(made.lines())
    assert not made.passed
    assert "a.test.toml:8: at 2026-01-15 10:00, ComputingElement ce for all" in told.replace(f"{tmp_path}/", "")
    for line in ("- status     Active", "+ status     Banned", "- by         x", "+ by         declared-downtimes", "Move"):
        assert line in told
    assert "declared-downtimes (of all): Banned, decides" in told


def test_what_comes_due_between_two_moments_happens_when_it_is_due(tmp_path: Path) -> None:
    ban = 'time = "08:00"\nset = [{ status = "Banned", until = "10:00" }]'
    made = outcome(
        tmp_path,
        f'{ban}\nexpect = [{{ status = "Banned", by = [] }}]',
        'time = "10:05"\nexpect = [{ status = "Probing" }]',
        'time = "10:29"\nexpect = [{ status = "Probing" }]',
        'time = "10:30"\nexpect = [{ status = "Active" }]',
    )
    assert made.passed, list(made.lines())


def test_mass_changes_are_held_only_where_a_file_says_so(tmp_path: Path) -> None:
    names = [f"ce{number}" for number in range(40)]
    told = "".join(f'[[element]]\nname = "{name}"\n' for name in names)
    told += '[[test]]\nname = "it"\n[[test.at]]\ntime = "10:00"\n[[test.at]]\ntime = "11:00"\n'
    told += f'downtime = [{{ of = {names} }}]\nexpect = [{{ of = "ce0", status = "Banned" }}]'
    (tmp_path / "a.test.toml").write_text(told)
    (script,) = read(tmp_path / "a.test.toml", TypeRegistry()).scripts
    cautious = replace(policies(DECLARED_DOWNTIMES), guard=Guard(Cap(0.1, 5), Cap(0.1, 5)))
    assert list(play(script, cautious)) == []
    assert len(list(play(replace(script, guarded=True), cautious))) == 1


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[[test", "a.test.toml: not TOML"),
        ("tst = 1", "a.test.toml:1: tst: there is no such key; did you mean 'test'?"),
        (
            '[[test]]\nname = "x"\n[[test.at]]\ntime = "10:00"\nexpect = [{ status = "Actve" }]',
            "a.test.toml:5: test[0].at[0].expect[0]",
        ),
        ('[[test]]\nname = "x"\n[[test.at]]\ntime = "10:00"', "a.test.toml:1: test[0]: there is no element to try"),
        (f'{ELEMENT}[[test]]\nname = "x"\n[[test.at]]\ntime = "9"', "a.test.toml:6: test[0].at[0].time: '9' is no moment"),
        (
            TEN + 'expect = [{ of = "cee" }]',
            "a.test.toml:7: test[0].at[0].expect[0]: nothing is expected",
        ),
        (
            TEN + 'expect = [{ of = "ces", status = "Active" }]',
            "there is no element 'ces'; did you mean 'ce'?",
        ),
        (
            TEN + 'measured = [{ kind = "spce" }]',
            "a.test.toml:7: test[0].at[0].measured[0].kind: nothing is measured that is called 'spce'; did you mean 'space'?",
        ),
        (
            TEN + 'measured = [{ kind = "space", free = 1, total = "5 XB" }]',
            "a.test.toml:7: test[0].at[0].measured[0].total: '5 XB' is not a size",
        ),
        (
            TEN + 'withdraw = "9"',
            "there is no downtime announced before, called '9'",
        ),
        (TEN + 'silent = "gocdb"', "there is no source 'gocdb'"),
        (
            TEN + '[[test.at]]\ntime = "10:00"',
            "a.test.toml:8: test[0].at[1].time: 2026-01-15 10:00 is not after the moment before",
        ),
        (f'{ELEMENT}[[test]]\nname = "x"\n[[test.at]]\ntime = "10:00"', "it expects nothing"),
        ('inventory = "no.toml"', "a.test.toml:1: inventory: "),
    ],
)
def test_a_mistake_in_a_file_of_tests_is_told_with_its_place(tmp_path: Path, written: str, told: str) -> None:
    (made,) = outcomes(tmp_path, written)
    assert not made.passed
    assert told in made.broken.replace(f"{tmp_path}/", "")


def test_policies_that_are_wrong_fail_their_tests(tmp_path: Path) -> None:
    made = outcome(tmp_path, 'time = "10:00"\nexpect = [{ status = "Active" }]', policies='[policy.a]\ntype = "alwys"')
    assert "did you mean 'always'?" in made.broken


def test_files_are_found_however_deep_and_named_ones_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("deep/er/a.test.toml", "b.test.toml", "c.toml"):
        (tmp_path / name).touch()
    assert [path.name for path in found([tmp_path])] == ["b.test.toml", "a.test.toml"]
    assert [path.name for path in found([tmp_path / "c.toml"])] == ["c.toml"]
    with pytest.raises(InvalidConfiguration, match="there is no such file or directory"):
        found([tmp_path / "d"])


def test_a_test_is_chosen_by_its_name(tmp_path: Path) -> None:
    test = '[[test]]\nname = "NAME"\n[[test.at]]\ntime = "10:00"\nexpect = [{ status = "Active" }]\n'
    outcomes(tmp_path, ELEMENT + test.replace("NAME", "a") + test.replace("NAME", "b"))
    assert [made.name for made in run(found([tmp_path]), TypeRegistry(), name="b*")] == ["b"]
