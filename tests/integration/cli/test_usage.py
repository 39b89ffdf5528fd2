"""How the command line is used, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.command_line import failing


def test_a_command_that_there_is_not_is_wrong_usage_with_a_suggestion() -> None:
    assert "Did you mean 'history'?" in failing("status", "histroy", "x", code=2)


@pytest.mark.usefixtures("example")
def test_the_server_does_not_listen_beyond_this_machine() -> None:
    assert "can be reached by other machines" in failing("serve", "--host", "0.0.0.0", "--port", "0")


@pytest.mark.parametrize("beside", ["--config", "--database", "--source"])
def test_the_demonstration_takes_nothing_of_another_installation(beside: str) -> None:
    said = failing("serve", "--demo", beside, "toml=x", code=2)
    assert f"beside which {beside} has no effect" in " ".join(said.split())


def test_help_is_there_without_what_commands_need() -> None:
    heavy = {"sqlalchemy", "alembic", "pydantic", "fastapi", "httpx2", "rich", "asyncio", "structlog", "msgspec"}
    code = f"import sys, gridmask.cli.app; print(*sorted({heavy!r} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


@pytest.mark.slow
@pytest.mark.usefixtures("example")
def test_ctrl_c_ends_the_loop_quietly() -> None:
    # whoever runs the tests in the background ignores the signal, and so would what they start
    command = ["env", "--default-signal=INT", sys.executable, "-m", "gridmask", "inspect"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as loop:
        try:
            assert loop.stderr is not None
            assert "Ctrl-C ends it" in loop.stderr.readline()
            loop.send_signal(signal.SIGINT)
            out, err = loop.communicate(timeout=30)
        finally:
            loop.kill()
    assert (loop.returncode, out, "Traceback" in err) == (130, "", False)


@pytest.mark.slow
@pytest.mark.usefixtures("example")
def test_a_reader_that_has_seen_enough_is_no_error_to_tell() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "gridmask", "mask", "aurora"], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert done.stderr == b""
