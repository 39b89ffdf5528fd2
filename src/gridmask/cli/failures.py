"""What a person sees of a failure: one line on stderr, and an exit code. Never a traceback that was not asked for."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

import typer

from gridmask.domain.errors import Ambiguous, GridmaskError

FAILED = 1
_ABRUPT = (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError)
"""What typer itself makes an exit code of."""


def attempt(work: Callable[[], int | None], *, verbose: bool) -> int:
    """The exit code of ``work``; what it raises is told. ``verbose``: with the traceback of what nobody foresaw."""
    try:
        code = work() or 0
        sys.stdout.flush()
    except _ABRUPT:
        raise
    except Exception as error:  # noqa: BLE001 - nobody who uses Gridmask sees a traceback
        return _told(_innermost(error), verbose=verbose)
    return code


def tell(text: str) -> None:
    """Say ``text`` on stderr, in one line."""
    typer.echo(f"gridmask: {' '.join(text.split())}", err=True)


def _told(error: BaseException, *, verbose: bool) -> int:
    if isinstance(error, _ABRUPT):
        raise error
    if not isinstance(error, GridmaskError):
        tell(f"a fault of Gridmask itself: {type(error).__name__}: {error}" + ("" if verbose else " (--verbose tells more)"))
        if verbose:
            traceback.print_exception(error)
        return FAILED
    tell(f"{error} For example with --type." if isinstance(error, Ambiguous) else str(error))
    return FAILED


def _innermost(error: BaseException) -> BaseException:
    """What went wrong, where a group of tasks says that one of it did."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
