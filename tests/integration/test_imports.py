"""What is imported by whom, in a process of its own."""

from __future__ import annotations

import subprocess
import sys


def test_nobody_without_a_rule_in_cel_pays_for_its_library() -> None:
    paid = "print([m for m in sys.modules if m[:6] in ('cel_ex', 'google')])"
    script = f"import sys, gridmask.policies.files as f; f.load(None); {paid}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
