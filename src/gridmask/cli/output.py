"""What a command prints: tables for people, JSON for programs, both on stdout; and notes about it on stderr."""

from __future__ import annotations

import sys
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from gridmask.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from gridmask.domain.status import Status

    Shown = str | RenderableType

_ENDLESS = 100_000
"""The width of what is no terminal: a program reads a row as one line, and nothing may be cut."""

_WHOLE = frozenset({"id", "status"})

_STYLES = {"ERROR": "bold red", "BANNED": "red", "PROBING": "yellow", "DEGRADED": "yellow", "ACTIVE": "green", "UNKNOWN": "dim"}


class Output:
    """Prints in the form that was asked for."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def show(self, told: Callable[[], object], *shown: Shown) -> None:
        """Print what ``told`` gives as JSON, or else what is to be ``shown`` to people."""
        if self.as_json:
            self.write(_json(told()))
            return
        console = _console(sys.stdout)
        with console.capture() as captured:
            for one in shown:
                console.print(_wrapped(printable(one), console.width) if isinstance(one, str) else one)
        # cells are filled up with blanks, which are nothing to a program
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))

    def write(self, body: bytes) -> None:
        """Print bytes as they are."""
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()

    def note(self, text: str) -> None:
        """Tell people something beside what is printed."""
        _console(sys.stderr).print(printable(text), soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[RenderableType]], *, right: Sequence[str] = ()) -> Table:
    """A table; the columns named in ``right`` are numbers. What has to be copied or compared is never broken."""
    from rich.table import Table

    on_terminal = sys.stdout.isatty()
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        whole = not on_terminal or column in right or column.endswith("(UTC)") or column in _WHOLE
        made.add_column(column, justify="right" if column in right else "left", overflow="fold", no_wrap=whole)
    for row in rows:
        made.add_row(*(printable(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def stacked(*parts: str, joint: str = " ") -> str:
    """``parts`` of a cell, one below the other where the place is little, else with ``joint`` between them."""
    return "\n".join(parts) if sys.stdout.isatty() else joint.join(parts)


def coloured(status: Status) -> Text:
    """The name of ``status``, in its colour."""
    from rich.text import Text

    return Text(status.label, style=_STYLES[status.name])


def _wrapped(text: str, width: int) -> str:
    """``text`` in lines of ``width``; what is continued goes on below where it began."""
    rest = text.lstrip(" -")
    hanging = " " * (len(text) - len(rest))
    return "\n".join(wrap(text, width, subsequent_indent=hanging, break_on_hyphens=False)) if text.strip() else text


def _console(stream: Any) -> Console:  # noqa: ANN401 - a text stream
    from rich.console import Console

    width = None if stream.isatty() else _ENDLESS
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _json(told: object) -> bytes:
    import msgspec
    from pydantic import BaseModel

    if isinstance(told, BaseModel):
        return told.model_dump_json(indent=2).encode() + b"\n"
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
