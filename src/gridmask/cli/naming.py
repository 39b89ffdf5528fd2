"""The options by which commands are told which elements and rows they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridmask.service.selection import ElementName, RowName

Names = Annotated[list[str], typer.Argument(metavar="NAME", help="The elements, by name.", show_default=False)]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The element, by name.", show_default=False)]
Type = Annotated[str | None, typer.Option("--type", "-t", metavar="TYPE", help="Their type, where the name is not enough.")]
Family = Annotated[str | None, typer.Option("--family", metavar="FAMILY", help="Site, Resource or Node.")]
StatusType = Annotated[
    str | None, typer.Option("--status-type", "-s", metavar="ASPECT", help="One aspect alone, such as WriteAccess; else all.")
]
Vo = Annotated[str, typer.Option("--vo", metavar="VO", help="For this VO; 'all' is the row of those without one of their own.")]


def elements(names: Sequence[str], type_: str | None, family: str | None = None) -> tuple[ElementName, ...]:
    """The elements that are called so."""
    from gridmask.service.selection import ElementName

    return tuple(ElementName(name, type_, family) for name in names)


def rows(names: Sequence[str], type_: str | None, family: str | None, status_type: str | None, vo: str) -> tuple[RowName, ...]:
    """The rows that are called so."""
    from gridmask.service.selection import RowName

    return tuple(RowName(element, status_type, vo) for element in elements(names, type_, family))
