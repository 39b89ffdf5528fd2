"""A process that is forked follows the mask by itself."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.client.test_mask import grid_served, put, server

if TYPE_CHECKING:
    from gridmask_client.shapes import Status

__all__ = ["grid_served", "server"]  # fixtures of theirs are fixtures here

FORKING = """
import os, sys, time
from gridmask_client import Mask, Pace

def say(line):  # at once: both write to one pipe
    os.write(1, f"{line}\\n".encode())

mask = Mask(sys.argv[1], "cms", pace=Pace(first=0.05))
child = os.fork()
say("child" if child == 0 else "parent")
end = time.monotonic() + 20
while not (mask.status("CE2") == "Banned" and mask.is_streaming) and time.monotonic() < end:
    time.sleep(0.01)
say(mask.status("CE2"))
if child:
    os.waitpid(child, 0)
    mask.close()
else:
    mask.close()
    os._exit(0)
"""


def test_parent_and_child_both_learn_of_a_change(server: str) -> None:
    first: Status = "Active"
    put(server, "CE2", first)
    command = [sys.executable, "-W", "ignore", "-c", FORKING, server]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert {process.stdout.readline(), process.stdout.readline()} == {"child\n", "parent\n"}
        put(server, "CE2", "Banned")
        out, problems = process.communicate(timeout=40)
    assert (out, problems, process.returncode) == ("Banned\nBanned\n", "", 0)
