"""Output: the changes of a replay as a file, as lines of JSON or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import msgspec

from gridmask.domain.errors import InvalidConfiguration
from gridmask.feeds.cells import cell
from gridmask.replay.changes import Change

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.replay.running.plan import Plan

FORMAT = "gridmask-changes"
VERSION = 1


def write(path: Path, plan: Plan, changes: Iterable[Change]) -> None:
    """Write ``changes`` to the file at ``path``, whose name says in which form.

    Raises:
        InvalidConfiguration: it cannot be written.
    """
    with _beside(path) as file:
        if path.suffix == ".csv":
            _write_csv(file, changes)
        else:
            _write_json(file, plan, changes)


def _write_json(file: IO[str], plan: Plan, changes: Iterable[Change]) -> None:
    policies = plan.policy_set()
    head = {
        "format": FORMAT,
        "version": VERSION,
        "since": plan.since,
        "until": plan.until,
        "policies": None if policies is None else policies.revision,
    }
    encode = msgspec.json.Encoder().encode
    file.write(encode(head).decode() + "\n")
    file.writelines(encode(change).decode() + "\n" for change in changes)


def _write_csv(file: IO[str], changes: Iterable[Change]) -> None:
    writer = csv.writer(file)
    writer.writerow(Change.__struct_fields__)
    writer.writerows([cell(_flat(value)) for value in msgspec.structs.astuple(change)] for change in changes)


def _flat(value: Any) -> object:  # noqa: ANN401 - whatever a line holds
    if isinstance(value, tuple):
        return " | ".join(value)
    return str(value).lower() if isinstance(value, bool) else value


@contextmanager
def _beside(path: Path) -> Iterator[IO[str]]:
    """A file that is at ``path`` once all of it is written."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise InvalidConfiguration(str(path), f"cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
