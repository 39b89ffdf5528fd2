"""Policy files that are right, and can hardly be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.element import TypeRegistry
from gridmask.domain.vo import VoRegistry
from gridmask.policies.check import Checked, Known, check
from gridmask.policies.files import draft
from gridmask.policies.governance import Inventory, PolicyName
from gridmask.testing import element

if TYPE_CHECKING:
    from pathlib import Path

CE = element("ce1", site="LCG.North.xx", category="computing")
SE = element("se1", "StorageElement", site="LCG.South.xx", category="storage", tags=frozenset({"disk"}))
VOS = frozenset({"cms", "atlas"})
ALWAYS = 'type = "always"\narguments = { status = "Banned" }'


def checked(folder: Path, *, inventory: bool = False, **files: str) -> Checked:
    (folder / "vo").mkdir(exist_ok=True)
    for layer, text in files.items():
        (folder / ("all.toml" if layer == "all" else f"vo/{layer}.toml")).write_text(text)
    there = Inventory((CE, SE), TypeRegistry(), VOS) if inventory else None
    return check(draft(folder), Known(TypeRegistry(), VoRegistry(VOS, {"compact": "cms"}), frozenset({"gocdb"}), there))


def told(found: Checked) -> list[str]:
    return [f"{warning.key}: {warning.text}" for warning in found.warnings]


def test_what_is_in_order_is_not_remarked_upon(tmp_path: Path) -> None:
    found = checked(tmp_path, all="", cms='[policy.declared-downtimes]\narguments.warning = "Banned"', inventory=True)
    assert (found.errors, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("match", "warning"),
    [
        (
            'type = "StorageElemnt"',
            "match.type: 'StorageElemnt' is no type that is known here; did you mean 'StorageElement'?",
        ),
        ('type = ["FTS", "!FTSS"]', "match.type[1]: 'FTSS' is no type"),
        ('status_type = "WriteAcess"', "match.status_type: 'WriteAcess' is no status_type"),
        ('category = "storag*y"', "match.category: 'storag*y' is no category that is known here; "),
        ('vo = "cmss"', "match.vo: 'cmss' is no vo that is known here; did you mean 'cms'?"),
        ('vo = "Compact"', "match.vo: 'compact' is another name of 'cms'; write that"),
        ('source = "gocbd"', "match.source: 'gocbd' is no source that is known here; did you mean 'gocdb'?"),
    ],
)
def test_a_pattern_that_describes_nothing_known_is_told_with_what_may_be_meant(
    tmp_path: Path, match: str, warning: str
) -> None:
    (found,) = told(checked(tmp_path, all=f"[policy.a]\n{ALWAYS}\nmatch = {{ {match} }}"))
    assert found.startswith(f"policy.a.{warning}")


def test_what_is_switched_off_is_not_looked_at(tmp_path: Path) -> None:
    off = f'[policy.a]\n{ALWAYS}\nenabled = false\nmatch.type = "nothing"'
    assert told(checked(tmp_path, all=off, inventory=True)) == []


@pytest.mark.parametrize(
    ("match", "warning"),
    [
        ('name = "ce01"', "policy.a.match.name: no row agrees with 'ce01'; did you mean 'ce1'?"),
        ('site = "LCG.Suoth.*"', "policy.a.match.site: no row agrees with 'LCG.Suoth.*'; did you mean 'LCG.South.xx'?"),
        ('tags = "tape"', "policy.a.match.tags: no row agrees with 'tape'; there are 'disk'"),
        ('domain = "!LCG"', "policy.a.match.domain: no row agrees with '!LCG'; did you mean 'LCG'?"),
        ('name = "ce1", tags = "disk"', "policy.a.match: this governs no row: some agree with each of its keys, but none"),
    ],
)
def test_a_policy_that_governs_nothing_is_told_with_why(tmp_path: Path, match: str, warning: str) -> None:
    (found,) = told(checked(tmp_path, all=f"[policy.a]\n{ALWAYS}\nmatch = {{ {match} }}", inventory=True))
    assert found.startswith(warning)


def test_rows_are_counted_for_each_vo_that_reads_them(tmp_path: Path) -> None:
    found = checked(tmp_path, all=f'[policy.a]\n{ALWAYS}\nmatch.vo = "cms"', cms=f"[policy.b]\n{ALWAYS}", inventory=True)
    assert found.governance is not None
    assert found.governance.rows[PolicyName("all", "a")] == {"cms": 5}
    assert found.governance.rows[PolicyName("cms", "b")] == {"cms": 5}
    assert found.governance.rows[PolicyName("all", "declared-downtimes")] == {"all": 5, "cms": 5, "atlas": 5}


def test_without_an_inventory_nothing_is_counted(tmp_path: Path) -> None:
    assert checked(tmp_path, all=f'[policy.a]\n{ALWAYS}\nmatch.name = "nowhere"') == Checked((), (), None)


# --- Layers of VOs


REMATCHED = '[policy.declared-downtimes]\nmatch.type = "ComputingElement"'


def test_a_match_that_takes_the_place_of_the_installations_is_remarked_upon(tmp_path: Path) -> None:
    known, guessed = checked(tmp_path, cms=REMATCHED, inventory=True), checked(tmp_path, cms=REMATCHED)
    assert any("4 rows of cms that the installation's governs are without it" in text for text in told(known))
    assert any("what it leaves out is without this policy for cms" in text for text in told(guessed))


def test_a_wider_match_takes_nothing_away(tmp_path: Path) -> None:
    narrow = f'[policy.a]\n{ALWAYS}\nmatch.name = "ce1"'
    assert told(checked(tmp_path, all=narrow, cms='[policy.a]\nmatch.name = ["ce1", "se1"]', inventory=True)) == []


@pytest.mark.parametrize("inventory", [True, False])
def test_a_layer_that_leaves_rows_without_a_policy_is_remarked_upon(tmp_path: Path, *, inventory: bool) -> None:
    found = checked(tmp_path, cms="[policy.declared-downtimes]\nenabled = false", inventory=inventory)
    (text,) = told(found)
    assert "row of cms with no policy that decides" in text or "5 rows of cms with no policy that decides" in text


def test_an_advisory_policy_decides_nothing(tmp_path: Path) -> None:
    cms = f"[policy.declared-downtimes]\nenabled = false\n[policy.own]\n{ALWAYS}\nadvisory = true"
    assert len(told(checked(tmp_path, cms=cms, inventory=True))) == 1


def test_rows_of_all_without_a_policy_are_told(tmp_path: Path) -> None:
    found = checked(tmp_path, all=REMATCHED, inventory=True)
    assert any("no policy that decides governs 4 rows of the 5 of all" in text for text in told(found))


@pytest.mark.parametrize(
    ("vo", "text"),
    [("cmss", "no VO 'cmss' is known here; did you mean 'cms'?"), ("compact", "'compact' is another name of 'cms'")],
)
def test_a_file_of_a_vo_that_there_is_not_is_remarked_upon(tmp_path: Path, vo: str, text: str) -> None:
    assert any(text in warning for warning in told(checked(tmp_path, inventory=False, **{vo: ""})))


def test_a_vos_policy_about_another_vo_is_remarked_upon(tmp_path: Path) -> None:
    (text,) = told(checked(tmp_path, cms=f'[policy.own]\n{ALWAYS}\nmatch.vo = "atlas"'))
    assert "the policies of cms are about its own rows alone" in text


def test_errors_and_warnings_are_told_together(tmp_path: Path) -> None:
    found: Any = checked(tmp_path, all=f'[policy.a]\n{ALWAYS}\nmatch.type = "FTSS"\n[policy.b]\ntype = "alwys"', inventory=True)
    assert ([e.line for e in found.errors], [w.line for w in found.warnings], found.governance) == ([6], [4], None)
