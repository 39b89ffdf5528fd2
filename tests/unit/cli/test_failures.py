from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
import typer

from gridmask.cli.failures import attempt
from gridmask.domain.errors import Ambiguous, GridmaskError


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def work() -> NoReturn:
        raise error

    return work


def test_what_goes_well_gives_its_own_exit_code() -> None:
    assert attempt(lambda: None, verbose=False) == 0
    assert attempt(lambda: 1, verbose=False) == 1


@pytest.mark.parametrize(
    "error", [GridmaskError("No\nsuch thing."), ExceptionGroup("tasks", [GridmaskError("No such thing.")])]
)
def test_a_known_error_is_one_line(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert attempt(raising(error), verbose=True) == 1
    assert capsys.readouterr() == ("", "gridmask: No such thing.\n")


def test_what_is_ambiguous_says_how_to_tell_which(capsys: pytest.CaptureFixture[str]) -> None:
    attempt(raising(Ambiguous("'x'", ["FTS", "Catalog"])), verbose=False)
    assert capsys.readouterr().err == "gridmask: 'x' could be any of: FTS, Catalog. Say which one. For example with --type.\n"


def test_a_fault_shows_its_traceback_to_those_who_want_it_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert attempt(raising(ZeroDivisionError("by 0")), verbose=False) == 1
    assert capsys.readouterr().err == "gridmask: a fault of Gridmask itself: ZeroDivisionError: by 0 (--verbose tells more)\n"
    assert attempt(raising(ZeroDivisionError("by 0")), verbose=True) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("error", [typer.Exit(3), typer.BadParameter("x"), BrokenPipeError(), KeyboardInterrupt()])
def test_what_ends_a_command_anyway_is_let_through(error: BaseException) -> None:
    with pytest.raises(type(error)):
        attempt(raising(error), verbose=False)
