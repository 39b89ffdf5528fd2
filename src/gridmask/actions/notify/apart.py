"""Apart: templates that people write are rendered in a process of its own. Whatever they do there, this one goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from gridmask.actions.notify import rendering
from gridmask.actions.notify.rendering import Letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.actions.notify.rendering import Job

PATIENCE = 30.0
"""Seconds that all letters of one go may take together."""

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
_DECODER = msgspec.json.Decoder(Letter)


def letters(jobs: Sequence[Job], seconds: float = PATIENCE) -> list[Letter]:
    """What becomes of each of ``jobs``; of those that it did not come to, why not."""
    if not jobs:
        return []
    said, why = _said(b"".join(msgspec.json.encode(job) + b"\n" for job in jobs), seconds)
    # the last piece is empty, or was cut off
    found = [_DECODER.decode(line) for line in said.split(b"\n")[:-1]]
    return [*found, *(Letter("", "", why) for _ in jobs[len(found) :])]


def _said(told: bytes, seconds: float) -> tuple[bytes, str]:
    """What the program says, and why no more."""
    # of what this process knows, it is told nothing but the way to the program
    here = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", rendering.__name__]
    try:
        done = subprocess.run(command, input=told, capture_output=True, env=here, timeout=seconds, check=False)  # noqa: S603 - of ours
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", f"nothing came of it within {seconds:g} s"
    return done.stdout, f"the process that wrote it came to an end ({done.returncode})"
