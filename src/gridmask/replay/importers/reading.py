"""Reading files that people have: lines of JSON and of CSV, each with its number, within limits."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn, TypeVar

import msgspec

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_LINE = 4 * 2**20
"""So many characters a line may have."""

T = TypeVar("T")


def refuse(path: Path, number: int, problem: str) -> NoReturn:
    """Tell that line ``number`` of the file at ``path`` is wrong.

    Raises:
        InvalidConfiguration: always.
    """
    raise InvalidConfiguration(f"{path}, line {number:,}", problem)


def whole(path: Path) -> bytes:
    """All of the file at ``path``.

    Raises:
        InvalidConfiguration: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidConfiguration(str(path), f"cannot be read: {error.strerror or error}") from error


def json_lines(path: Path, form: type[T]) -> Iterator[tuple[int, T]]:
    """The lines of JSON in the file at ``path``, with their numbers; empty ones are passed over.

    Raises:
        InvalidConfiguration: it cannot be read, or a line is not of the ``form``.
    """
    decode = msgspec.json.Decoder(form).decode
    for number, line in _lines(path):
        if line.strip():
            try:
                yield number, decode(line)
            except (msgspec.DecodeError, ValueError, RecursionError, OverflowError) as error:
                refuse(path, number, str(error)[:300])


def csv_lines(path: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The records of the CSV file at ``path`` by column, each with the number of its last line. The first line names columns.

    Raises:
        InvalidConfiguration: it cannot be read, lacks a column that is ``required``, has one that is not known, or a record has
            more or fewer cells than there are columns.
    """
    lines = csv.reader((text for _, text in _lines(path)), strict=True)
    heads: list[str] | None = None
    try:
        for cells in lines:
            if heads is None:
                heads = _heads(path, cells, required, optional)
            elif any(cell.strip() for cell in cells):
                if len(cells) != len(heads):
                    refuse(path, lines.line_num, f"it has {len(cells)} cells, and there are {len(heads)} columns")
                yield lines.line_num, dict(zip(heads, map(str.strip, cells), strict=True))
    except csv.Error as error:
        refuse(path, lines.line_num, str(error))
    if heads is None:
        refuse(path, 1, f"it is empty; its first line names the columns: {', '.join(required)}")


def _heads(path: Path, cells: list[str], required: tuple[str, ...], optional: tuple[str, ...]) -> list[str]:
    heads = [cell.strip().lstrip("\ufeff") for cell in cells]
    known = (*required, *optional)
    for name in heads:
        if name not in known:
            refuse(path, 1, f"there is no column {name!r}; there are {', '.join(known)}")
    if missing := [name for name in required if name not in heads]:
        refuse(path, 1, f"the column {missing[0]!r} is missing; needed are {', '.join(required)}")
    if len(set(heads)) < len(heads):
        refuse(path, 1, "a column is there twice")
    return heads


def moment(text: str) -> datetime:
    """The moment that ``text`` means, as ``2026-08-21T17:00:00Z``.

    Raises:
        ValueError: it means none, or does not say in which time zone.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time; write it as 2026-08-21T17:00:00Z") from None
    if found.tzinfo is None:
        raise ValueError(f"{text[:40]!r} does not say in which time zone; write {text[:40]}Z for UTC")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text[:40]!r} is beyond the calendar") from None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    refuse(path, number, f"it is longer than {LONGEST_LINE:,} characters")
                yield number, line
    except UnicodeDecodeError as error:
        refuse(path, number + 1, f"it is not in UTF-8 ({error.reason})")
    except OSError as error:
        raise InvalidConfiguration(str(path), f"cannot be read: {error.strerror or error}") from error
