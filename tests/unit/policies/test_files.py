from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from gridmask.domain.downtime import Impact
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.matching import Match
from gridmask.domain.policy import OnMissing, Policy, PolicySet
from gridmask.domain.status import Status
from gridmask.domain.transition import DEFAULT_EXIT, ProbingExit
from gridmask.policies.files import compiled, draft, load
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.downtime import After

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR = timedelta(hours=1)
BANNED = 'type = "always"\narguments = { status = "Banned" }'


def written(folder: Path, **files: str) -> PolicySet:
    """The policies of ``all.toml`` and of VOs' files, written anew."""
    written_down(folder, **files)
    return load(folder)[0]


def written_down(folder: Path, **files: str) -> None:
    for layer, text in files.items():
        path = folder / "all.toml" if layer == "all" else folder / "vo" / f"{layer}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def only(found: PolicySet, name: str, layer: str = "all") -> Policy:
    (policy,) = (p for p in found.policies if (p.name, p.layer) == (name, layer))
    return policy


def refusal(folder: Path, **files: str) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        written(folder, **files)
    return str(caught.value).replace(str(folder), "...")


def without_line(told: str) -> str:
    return re.sub(r"\.toml:\d+: ", ".toml: ", told)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Policies of an installation and of one VO."""
    (tmp_path / "vo").mkdir()
    (tmp_path / "all.toml").write_text('[policy.fast]\ntype = "downtime"\narguments = { lead = { default = "1.0h" } }\n')
    (tmp_path / "vo" / "cms.toml").write_text('[policy.fast]\narguments = { warning = "Banned" }\n')
    return tmp_path


def test_policies_are_the_same_again_from_what_was_kept_of_them(folder: Path) -> None:
    policies, document = load(folder)
    kept = msgspec.json.decode(msgspec.json.encode(document))
    again = compiled(kept, dict.fromkeys(kept, "kept"))
    assert (again.policies, again.revision, again.probing) == (policies.policies, policies.revision, policies.probing)


def test_what_a_vo_says_of_a_policy_replaces_just_that(folder: Path) -> None:
    by_layer = {policy.layer: policy for policy in load(folder)[0].policies if policy.name == "fast"}
    assert by_layer["cms"].rule.lead == by_layer["all"].rule.lead  # type: ignore[attr-defined]  # both are downtime rules
    assert by_layer["cms"].rule.warning is not by_layer["all"].rule.warning  # type: ignore[attr-defined]  # likewise


@pytest.mark.parametrize(("name", "told"), [("ALL", "'all' is no VO"), ("CMS", "the policies of cms are in")])
def test_a_vo_has_one_file_and_the_installation_none_among_them(folder: Path, name: str, told: str) -> None:
    (folder / "vo" / f"{name}.toml").touch()
    with pytest.raises(InvalidConfiguration, match=told):
        load(folder)


# --- What can be written


@pytest.mark.parametrize("folder_of", [lambda _: None, lambda path: path])
def test_a_fresh_installation_follows_declared_downtimes(tmp_path: Path, folder_of: Callable[[Path], Path | None]) -> None:
    found, _ = load(folder_of(tmp_path))
    assert found.policies == (Policy("declared-downtimes", DeclaredDowntime()),)
    assert found.probing == DEFAULT_EXIT


def test_a_policy_says_which_rule_applies_to_which_rows(tmp_path: Path) -> None:
    text = f"""
        [policy.retired]
        {BANNED}
        match = {{ type = "StorageElement", name = ["OLD-*", "old-*"] }}
        advisory = true
        on_missing = "unknown"
    """
    match = Match.of(type="StorageElement", name=["OLD-*", "old-*"])
    assert only(written(tmp_path, all=text), "retired") == Policy(
        "retired", Always(Status.BANNED), match, advisory=True, on_missing=OnMissing.UNKNOWN
    )


def test_arguments_are_written_as_people_say_them(tmp_path: Path) -> None:
    text = """
        [policy.declared-downtimes.arguments]
        lead = { WriteAccess = "12h", default = "30m" }
        severities = { Severe = "warning" }
        unknown_severity = "NONE"
        outage = "error"
        warning = "Probing"
        after = "probing"
    """
    assert only(written(tmp_path, all=text), "declared-downtimes").rule == DeclaredDowntime(
        lead={"WriteAccess": 12 * HOUR, "default": HOUR / 2},
        severities={"Severe": Impact.WARNING},
        unknown_severity=Impact.NONE,
        outage=Status.ERROR,
        warning=Status.PROBING,
        after=After.PROBING,
    )


def test_the_installation_says_when_a_row_may_leave_probing(tmp_path: Path) -> None:
    found = written(tmp_path, all='[probing]\ndwell = "1h"\nchecks = 3\nspacing = "5m"')
    assert found.probing == ProbingExit(HOUR, 3, HOUR / 12)


def test_vos_are_matched_in_their_canonical_form(tmp_path: Path) -> None:
    found = written(tmp_path, all=f'[policy.a]\n{BANNED}\nmatch = {{ vo = ["CMS", "US*"] }}')
    assert only(found, "a").match == Match.of(vo=["cms", "us*"])


# --- Layers


def test_the_installation_overrides_what_is_built_in(tmp_path: Path) -> None:
    found = written(tmp_path, all="[policy.declared-downtimes]\nenabled = false")
    assert found.policies == (Policy("declared-downtimes", DeclaredDowntime(), enabled=False),)
    assert found.effective("cms") == ()


def test_a_vo_switches_a_policy_off_for_itself_alone(tmp_path: Path) -> None:
    found = written(tmp_path, all="", cms="[policy.declared-downtimes]\nenabled = false")
    assert found.effective("cms") == ()
    assert [p.name for p in found.effective("atlas")] == [p.name for p in found.effective("all")] == ["declared-downtimes"]


def test_a_vo_overrides_arguments_one_by_one(tmp_path: Path) -> None:
    general = '[policy.declared-downtimes.arguments]\nwarning = "Probing"\nafter = "probing"'
    found = written(tmp_path, all=general, cms='[policy.declared-downtimes.arguments]\nwarning = "Banned"')
    assert only(found, "declared-downtimes").rule == DeclaredDowntime(warning=Status.PROBING, after=After.PROBING)
    assert only(found, "declared-downtimes", "cms").rule == DeclaredDowntime(warning=Status.BANNED, after=After.PROBING)


def test_a_vo_that_takes_another_rule_takes_none_of_the_old_ones_arguments(tmp_path: Path) -> None:
    general = '[policy.declared-downtimes.arguments]\nwarning = "Probing"'
    found = written(tmp_path, all=general, cms=f"[policy.declared-downtimes]\n{BANNED}")
    assert only(found, "declared-downtimes", "cms").rule == Always(Status.BANNED)


def test_a_vo_adds_policies_of_its_own(tmp_path: Path) -> None:
    found = written(tmp_path, CMS=f"[policy.own]\n{BANNED}")
    assert [p.layer for p in found.effective("cms")] == ["all", "cms"]
    assert [p.layer for p in found.policies] == ["all", "cms"]


def test_the_revision_changes_if_and_only_if_something_else_is_written(tmp_path: Path) -> None:
    first = written(tmp_path, all="", cms=f"[policy.own]\n{BANNED}").revision
    again = written(tmp_path, all="# nothing yet", cms=f"[policy.own]\n# for now\n{BANNED}").revision
    assert first == again != written(tmp_path, cms=f"[policy.own]\n{BANNED}\nadvisory = true").revision


# --- What cannot be


RETIRED = f"[policy.retired]\n{BANNED}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("polcy = {}", "polcy: there is no such key; did you mean 'policy'?"),
        ("[policy.a", "not TOML: "),
        ("policy = 3", "policy: write each policy as a table, [policy.NAME]"),
        ("[[policy]]", "policy: write each policy as a table, [policy.NAME]"),
        ("policy.a = 3", "policy: write each policy as a table, [policy.NAME]"),
        ("[policy.a]", "policy.a: there is no such policy to override; a new one needs a type."),
        (
            "[policy.declared-downtime]\nenabled = false",
            "policy.declared-downtime: there is no such policy to override; did you mean 'declared-downtimes'?",
        ),
        ('[policy.a]\ntype = "dwntime"', "policy.a.type: there is no rule 'dwntime'; did you mean 'downtime'?"),
        ('[policy.a]\ntype = "x"', "policy.a.type: there is no rule 'x'; there are always, "),
        ("[policy.a]\ntype = 3", "policy.a.type: should be a text in quotes (found 3)"),
        (RETIRED + "advisry = true", "policy.retired.advisry: there is no such key; did you mean 'advisory'?"),
        (RETIRED + 'on_missing = "forget"', "policy.retired.on_missing: input should be 'hold' or 'unknown' (found 'forget')"),
        (RETIRED + 'match = { typ = "x" }', "policy.retired.match.typ: there is no such match key; did you mean 'type'?"),
        (RETIRED + 'match = { VO = "x" }', "policy.retired.match.VO: there is no such match key; did you mean 'vo'?"),
        (
            RETIRED + 'match = { elementType = "x" }',
            "policy.retired.match.elementType: there is no such match key; did you mean 'type'?",
        ),
        (
            RETIRED + 'match = { status = "Bannd" }',
            "policy.retired.match.status: 'Bannd' is none of Active, Banned, Degraded, ",
        ),
        (
            RETIRED + 'match = { family = ["Site", "!resource"] }',
            "policy.retired.match.family[1]: 'resource' is none of Node, ",
        ),
        (RETIRED + "match = { type = [] }", "policy.retired.match.type: write a pattern, or a list of patterns (found [])"),
        (RETIRED + "match = { type = [3] }", "policy.retired.match.type: write a pattern, or a list of patterns (found [3])"),
        ('[policy.a]\ntype = "always"', "policy.a.arguments.status: is missing"),
        ('[policy.a]\ntype = "always"\narguments.status = 1', "policy.a.arguments.status: 1 is not the name of a status."),
        (
            '[policy.a]\ntype = "always"\narguments.status = "Baned"',
            "policy.a.arguments.status: there is no status called 'Baned'. Did you mean 'Banned'? There are Error, Banned, ",
        ),
        (
            '[policy.declared-downtimes.arguments]\nled = "1h"',
            "policy.declared-downtimes.arguments.led: there is no such key; did you mean 'lead'?",
        ),
        (
            "[policy.declared-downtimes.arguments.lead]\ndefault = 5",
            "policy.declared-downtimes.arguments.lead.default: 5 is not a duration; write a number and one of ",
        ),
        (
            '[policy.declared-downtimes.arguments.severities]\nSevere = "bad"',
            "policy.declared-downtimes.arguments.severities.Severe: 'bad' is none of NONE, WARNING, OUTAGE",
        ),
        ("[policy.declared-downtimes]\narguments = 3", "policy.declared-downtimes.arguments: should be a table (found 3)"),
        ("[probing]\nchecks = 0", "probing.checks: input should be greater than or equal to 1 (found 0)"),
        ('[probing]\ndwel = "1h"', "probing.dwel: there is no such key; did you mean 'dwell'?"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_key(tmp_path: Path, text: str, problem: str) -> None:
    assert without_line(refusal(tmp_path, all=text)).startswith(f".../all.toml: {problem}")
    if "probing" not in text:
        assert without_line(refusal(tmp_path, all="", cms=text)).startswith(f".../vo/cms.toml: {problem}")


def test_a_mistake_of_the_installation_is_not_told_as_one_of_a_vo(tmp_path: Path) -> None:
    broken = "[policy.declared-downtimes]\narguments = 3"
    told = refusal(tmp_path, all=broken, cms='[policy.declared-downtimes.arguments]\nafter = "probing"')
    assert told == ".../all.toml:2: policy.declared-downtimes.arguments: should be a table (found 3)"


def test_probing_is_the_same_for_all_vos(tmp_path: Path) -> None:
    assert refusal(tmp_path, cms='[probing]\ndwell = "1h"').startswith(".../vo/cms.toml:1: probing: belongs ")


def test_a_file_whose_name_no_vo_can_have_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, **{"c ms": ""}).startswith(".../vo/c ms.toml: 'c ms' cannot be a VO's name")


def test_a_file_that_would_have_no_effect_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cms.toml").touch()
    assert refusal(tmp_path).startswith(".../cms.toml: only all.toml belongs here; a VO's policies belong")


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="no such directory of policy files"):
        load(tmp_path / "polcies")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "all.toml").mkdir()
    with pytest.raises(InvalidConfiguration, match=r"all\.toml: Is a directory"):
        load(tmp_path)


def test_one_mistake_refuses_all(tmp_path: Path) -> None:
    assert "vo/cms.toml" in refusal(tmp_path, all=f"[policy.good]\n{BANNED}", atlas=f"[policy.good]\n{BANNED}", cms="x")


# --- Places


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"# one\n[policy.a]\n{BANNED}\nadvisry = true", "all.toml:5: policy.a.advisry: "),
        ('[policy.a]\ntype = "always"\n\n[policy.a.arguments]\nstatus = "Baned"', "all.toml:5: policy.a.arguments.status: "),
        ('[policy.a]\ntype = "always"', "all.toml:1: policy.a.arguments.status: is missing"),
        (f'[policy.a]\n{BANNED}\nmatch.family = [\n  "Site",\n  "Sight"]', "all.toml:6: policy.a.match.family[1]: "),
        ('policy."a b" = { type = "dwntime" }', "all.toml:1: policy.a b.type: "),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    assert refusal(tmp_path, all=text).startswith(f".../{place}")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "stray.toml").touch()
    broken = f'polcy = 1\n[policy.a]\ntype = "alwys"\n[policy.b]\n{BANNED}\nenabled = 3\nmatch.typ = "x"'
    written_down(tmp_path, all=broken, cms="[policy.c]", atlas="[")
    found = [(problem.place.replace(str(tmp_path), "..."), problem.key) for problem in draft(tmp_path).problems]
    assert found == [
        (".../all.toml:1", "polcy"),
        (".../all.toml:3", "policy.a.type"),
        (".../all.toml:7", "policy.b.enabled"),
        (".../all.toml:8", "policy.b.match.typ"),
        (".../stray.toml", ""),
        (".../vo/atlas.toml", ""),
        (".../vo/cms.toml:1", "policy.c"),
    ]


def test_what_a_vo_takes_over_is_told_of_the_installation_alone(tmp_path: Path) -> None:
    written_down(tmp_path, all='[policy.declared-downtimes]\narguments.warning = "Bad"', cms="[policy.declared-downtimes]")
    assert [problem.line for problem in draft(tmp_path).problems] == [2]


def test_tests_of_policies_are_no_policies(tmp_path: Path) -> None:
    written_down(tmp_path, all="", **{"cms.test": "nothing = 1"})
    (tmp_path / "drain.test.toml").touch()
    assert written(tmp_path).effective("cms")


def test_a_vo_whose_policies_the_api_manages_has_no_file(tmp_path: Path) -> None:
    written_down(tmp_path, cms="")
    with pytest.raises(InvalidConfiguration, match=r"cms\.toml: the settings say .* managed by the API .* take this file away"):
        load(tmp_path, {"cms"})
    assert load(tmp_path, {"atlas"})
