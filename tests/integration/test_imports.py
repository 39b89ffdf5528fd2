"""What is imported by whom, each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

SERVING_AND_STORING = {"aiosqlite", "alembic", "asyncmy", "fastapi", "sqlalchemy", "starlette", "uvicorn"}


def imported(script: str) -> set[str]:
    """The packages that ``script`` imports."""
    told = "; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", f"import sys; {script}{told}"]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_nobody_without_a_rule_in_cel_pays_for_its_library() -> None:
    assert imported("import gridmask.policies.files as f; f.load(None)").isdisjoint({"cel_expr_python", "google"})


@pytest.mark.slow
def test_unit_tests_need_neither_a_server_nor_a_database() -> None:
    # a test that does belongs to another folder: all others would have to wait while these libraries are imported
    collecting = "import pytest; pytest.main(['--collect-only', '-qq', '-p', 'no:schemathesis', 'tests/unit'])"
    assert imported(collecting) & SERVING_AND_STORING == set()
