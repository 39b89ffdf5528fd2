"""How ``gridmask replay`` is carried out: where it is worked, what is replayed, how it is stopped, and what is told of it."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gridmask.cli import words
from gridmask.cli.output import table
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest

if TYPE_CHECKING:
    from gridmask.cli.session import Session
    from gridmask.replay.running.plan import Plan
    from gridmask.replay.running.sums import Sums

INTERRUPTED = 130
RECORDED = "recording.gz"


@dataclass(frozen=True, slots=True)
class History:
    """What the options say of a history that others have."""

    downtimes: Path | None
    inventory: Path | None
    named: bool
    early: str
    early_until: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told in the end."""

    changes: Path | None
    mask: str | None
    at: datetime | None

    def check(self) -> None:
        """Check that it can be.

        Raises:
            BadParameter: it cannot.
        """
        if self.at is not None and self.mask is None:
            raise typer.BadParameter("--at is the moment of a mask: name its VO with --mask")
        if self.changes is not None and self.changes.suffix not in {".jsonl", ".csv"}:
            raise typer.BadParameter("--changes FILE ends with .jsonl, or with .csv")


@contextmanager
def workplace(named: Path | None) -> Iterator[Path]:
    """Where it is worked: the folder that is ``named``, or one that goes unless what was done has to be kept."""
    if named is not None:
        named.mkdir(parents=True, exist_ok=True)
        yield named
        return
    place = Path(tempfile.mkdtemp(prefix="gridmask-replay-"))
    try:
        yield place
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    if not (place / KEPT).exists():
        shutil.rmtree(place, ignore_errors=True)


KEPT = "interrupted"
"""The file that tells that what was done has to be kept."""
