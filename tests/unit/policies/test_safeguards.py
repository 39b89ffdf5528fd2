from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.damping import Damping
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.guard import DEFAULT_GUARD, Cap
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


@pytest.mark.parametrize("table", ["guard", "damping"])
def test_a_vo_cannot_have_its_own(tmp_path: Path, table: str) -> None:
    with pytest.raises(InvalidConfiguration, match="the same for all VOs"):
        load(written(tmp_path, "", f"[{table}]\n"))
