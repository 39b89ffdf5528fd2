"""What lies in ``examples/`` works as it is."""

from __future__ import annotations

import pytest

from gridmask.domain.element import TypeRegistry
from gridmask.policies.testing.running import found, run
from tests.conftest import ROOT


@pytest.mark.parametrize("folder", ["policies", "two-vos", "sites", "sites-down", "packs"])
def test_policy_tests_pass(folder: str) -> None:
    made = list(run(found([ROOT / "examples" / folder]), TypeRegistry()))
    assert made
    assert [line for one in made if not one.passed for line in one.lines()] == []
