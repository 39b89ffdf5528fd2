from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.automation import Mode
from gridmask.domain.damping import Damping
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.guard import DEFAULT_GUARD, Cap
from gridmask.domain.matching import Match
from gridmask.domain.policy import OwnEvidence
from gridmask.domain.token import Custom
from gridmask.policies.files import load

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str, vo: str = "") -> Path:
    (folder / "vo").mkdir()
    (folder / "all.toml").write_text(text)
    if vo:
        (folder / "vo" / "cms.toml").write_text(vo)
    return folder


def test_a_fresh_installation_is_guarded_and_damped() -> None:
    made, _ = load(None)
    assert (made.guard, made.damping) == (DEFAULT_GUARD, Damping())


def test_caps_of_a_vo_and_type_leave_out_what_is_as_for_all(tmp_path: Path) -> None:
    made, _ = load(written(tmp_path, '[guard]\nshare = 0.1\n[[guard.cap]]\nvo = "cms"\nnumber = 5\n'))
    assert made.guard.cap("cms", "FTS", declared=False) == Cap(0.1, 5)
    assert made.guard.cap("cms", "FTS", declared=True) == DEFAULT_GUARD.declared
    assert made.guard.cap("atlas", "FTS", declared=False) == Cap(0.1, DEFAULT_GUARD.general.number)


def test_the_guard_can_be_switched_off_and_damping_too(tmp_path: Path) -> None:
    made, _ = load(written(tmp_path, '[guard]\nenabled = false\n[damping]\nsuppress = 0\nhalf_life = "1h"\n'))
    assert (made.guard.enabled, made.damping.is_on, made.damping.half_life) == (False, False, timedelta(hours=1))


@pytest.mark.parametrize("text", ["[guard]\nshare = 2\n", "[guard]\nsahre = 0.2\n", '[damping]\nhalf_life = "0m"\n'])
def test_what_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"all\.toml"):
        load(written(tmp_path, text))


@pytest.mark.parametrize(
    ("table", "place", "problem"),
    [
        ("reuse = 3", "all.toml:2: damping.reuse", "must be less than suppress (3)"),
        ("suppress = 0.5", "all.toml:1: damping.reuse", "must be less than suppress (0.5)"),
        ("suppress = 7\nmost = 6.5", "all.toml:3: damping.most", "must be at least suppress (7)"),
        ("suppress = 9", "all.toml:1: damping.most", "must be at least suppress (9)"),
        ("suppress = -1", "all.toml:2: damping.suppress", "input should be greater than or equal to 0 (found -1)"),
        ("most = inf", "all.toml:2: damping.most", "input should be a finite number (found inf)"),
        ("reuse = 0", "all.toml:2: damping.reuse", "input should be greater than or equal to 0.01"),
    ],
)
def test_penalties_that_contradict_each_other_are_refused(tmp_path: Path, table: str, place: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(written(tmp_path, f"[damping]\n{table}\n"))
    assert f"{place}: {problem}" in str(caught.value)


def test_where_damping_is_off_its_other_numbers_do_not_matter(tmp_path: Path) -> None:
    made, _ = load(written(tmp_path, "[damping]\nsuppress = 0\nreuse = 5\nmost = 1\n"))
    assert not made.damping.is_on


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[polcy.x]\n", "polcy: there is no such key; did you mean 'policy'?"),
        ("[gaurd]\n", "gaurd: there is no such key; did you mean 'guard'?"),
        ("[guard]\nsahre = 0.2\n", "guard.sahre: there is no such key; did you mean 'share'?"),
        ("[[guard.cap]]\nvoo = 'cms'\n", "guard.cap[0].voo: there is no such key; did you mean 'vo'?"),
        ("[damping]\nhalflife = '1h'\n", "damping.halflife: there is no such key; did you mean 'half_life'?"),
        ("[probing]\ndwel = '1h'\n", "probing.dwel: there is no such key; did you mean 'dwell'?"),
        ("[probing]\nvalidatedby = 'x'\n", "probing.validatedby: there is no such key; did you mean 'validated_by'?"),
        ("[policy.x]\ntype = 'always'\nadvisry = true\n", "policy.x.advisry: there is no such key; did you mean 'advisory'?"),
        ("[policy.x]\ntype = 'alway'\n", "policy.x.type: there is no rule 'alway'; did you mean 'always'?"),
        (
            "[policy.x]\ntype = 'tickets'\nmatch.sitee = 'x'\n",
            "policy.x.match.sitee: there is no such match key; did you mean 'site'?",
        ),
        (
            "[policy.x]\ntype = 'tickets'\narguments.atleast = 2\n",
            "arguments.atleast: there is no such key; did you mean 'at_least'?",
        ),
        (
            "[policy.x]\ntype = 'propagation'\narguments.cases = [{ the = 'Banned' }]\n",
            "arguments.cases[0].the: there is no such key; did you mean 'then'?",
        ),
        (
            "[[policy.x.arguments.cases]]\nthen = 'Banned'\nwhen = [{ are = 'Baned' }]\n[policy.x]\ntype = 'propagation'\n",
            "all.toml:3: policy.x.arguments.cases[0].when[0]: are: 'Baned' is none of",
        ),
    ],
)
def test_a_slip_in_any_table_is_told_with_what_is_meant(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(written(tmp_path, text))
    assert told in str(caught.value)


@pytest.mark.parametrize("table", ["guard", "damping"])
def test_a_vo_cannot_have_its_own(tmp_path: Path, table: str) -> None:
    with pytest.raises(InvalidConfiguration, match="the same for all VOs"):
        load(written(tmp_path, "", f"[{table}]\n"))


# --- Tokens, automation, a VO's own evidence


def test_what_is_customary_of_tokens_is_said_in_part_or_whole(tmp_path: Path) -> None:
    made, _ = load(written(tmp_path, '[tokens]\nlasts = "8h"\nreview = "2w"\n'))
    assert made.tokens == Custom(timedelta(hours=8), Custom().notice, timedelta(days=14))
    assert load(None)[0].tokens == Custom()


def test_every_layer_says_how_far_automation_goes_for_itself(tmp_path: Path) -> None:
    made, _ = load(written(tmp_path, '[automation]\nmode = "exclude-only"\n', '[automation]\nmode = "off"\n'))
    assert made.automation == {"all": Mode.EXCLUDE_ONLY, "cms": Mode.OFF}
    assert load(None)[0].automation == {}


def test_a_vo_declares_evidence_of_its_own(tmp_path: Path) -> None:
    text = '[[evidence]]\nsource = "sam"\nmatch = { type = "CE", vo = "CMS" }\n[[evidence]]\nsource = "hammercloud"\n'
    made, _ = load(written(tmp_path, "", text))
    assert made.own == (OwnEvidence("cms", "sam", Match.of(type="CE", vo="cms")), OwnEvidence("cms", "hammercloud"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[tokens]\nlasts = "0s"', "all.toml:2: tokens.lasts: input should be greater than"),
        ('[tokens]\nnotice = "-1h"', "all.toml:2: tokens.notice"),
        ("[tokens]\nreview = 7", "all.toml:2: tokens.review"),
        ('[tokens]\nlast = "1d"', "all.toml:2: tokens.last: there is no such key; did you mean 'lasts'?"),
        ("[automation]\nmode = 'observe'", "all.toml:2: automation.mode"),
        ("[automation]\nmodes = 'off'", "automation.modes: there is no such key; did you mean 'mode'?"),
        ("automation = 'off'", "all.toml:1: automation"),
        ("[[evidence]]\nsource = 'sam'", "all.toml:1: evidence: belongs into the file of a VO, whose own evidence it declares"),
    ],
)
def test_a_slip_in_the_installations_tables_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(written(tmp_path, text + "\n"))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tokens]\nlasts = '1d'", "cms.toml:1: tokens: belongs into the installation's file; it is the same for all VOs"),
        ("[[evidence]]\nmatch.type = 'CE'", "cms.toml:1: evidence[0].source: is missing"),
        ("[[evidence]]\nsource = 'sam'\nmatch.status = 'Banned'", "cms.toml:3: evidence[0].match.status: changes with"),
        ("[[evidence]]\nsource = 'sam'\nmatch.token_owner = 'x'", "cms.toml:3: evidence[0].match.token_owner: changes"),
        (
            "[[evidence]]\nsource = 'sam'\nmatch.sitee = 'x'",
            "evidence[0].match.sitee: there is no such match key; did you mean",
        ),
        (
            "[[evidence]]\nsource = 'sam'\nmatch.family = 'Reource'",
            "cms.toml:3: evidence[0].match.family: 'Reource' is none of",
        ),
        ("[[evidence]]\nsorce = 'sam'", "evidence[0].sorce: there is no such key; did you mean 'source'?"),
        ("[evidence]\nsource = 'sam'", "cms.toml:1: evidence"),
        ("[automation]\nmode = 'Off'", "cms.toml:2: automation.mode"),
    ],
)
def test_a_slip_in_a_vos_tables_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(written(tmp_path, "", text + "\n"))
    assert told in str(caught.value)
