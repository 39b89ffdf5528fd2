"""The options by which commands are told which elements and rows they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridmask.service.selection import Chosen, ElementName, RowName

Names = Annotated[list[str], typer.Argument(metavar="NAME", help="The elements, by name.", show_default=False)]
SomeNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="The elements, by name; else by --site or --match.", show_default=False),
]
Site = Annotated[str | None, typer.Option("--site", metavar="SITE", help="All of this site: itself, and what belongs to it.")]
Matches = Annotated[
    list[str] | None,
    typer.Option(
        "--match",
        "-m",
        metavar="KEY=PATTERN",
        help="All that agrees: a KEY of a policy's match, a PATTERN, with a '!' what must not be. Can be repeated: all keys "
        "must agree, each by one of its patterns.",
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The element, by name.", show_default=False)]
Type = Annotated[str | None, typer.Option("--type", "-t", metavar="TYPE", help="Their type, where the name is not enough.")]
Family = Annotated[str | None, typer.Option("--family", metavar="FAMILY", help="Site, Resource or Node.")]
StatusType = Annotated[
    str | None, typer.Option("--status-type", "-s", metavar="ASPECT", help="One aspect alone, such as WriteAccess; else all.")
]
Vo = Annotated[str, typer.Option("--vo", metavar="VO", help="For this VO; 'all' is the row of those without one of their own.")]


def patterns(
    names: Sequence[str] | None, site: str | None, match: Sequence[str] | None, **given: str | None
) -> dict[str, list[str]]:
    """The patterns by key that these options mean, and what is ``given`` beside; none, where elements are named instead."""
    found: dict[str, list[str]] = {"site": [site]} if site else {}
    for one in match or ():
        key, is_there, pattern = one.partition("=")
        if not is_there:
            raise typer.BadParameter(f"{one!r} is not written as KEY=PATTERN", param_hint="'--match'")
        found.setdefault(key.strip(), []).append(pattern.strip())
    if bool(names) == bool(found):
        raise typer.BadParameter("name the elements, or else say --site or --match", param_hint="'NAME'")
    return {} if names else {**found, **{key: [value] for key, value in given.items() if value}}


def chosen(
    names: Sequence[str] | None,
    type_: str | None,
    family: str | None,
    status_type: str | None,
    vo: str,
    site: str | None,
    match: Sequence[str] | None,
) -> tuple[Chosen, ...]:
    """The rows that are meant: those of the elements called so, or else those that agree."""
    from gridmask.service.selection import rows_that_match

    wanted = patterns(names, site, match, type=type_, family=family, status_type=status_type)
    return (rows_that_match(wanted, vo),) if wanted else rows(names or (), type_, family, status_type, vo)


def elements(names: Sequence[str], type_: str | None, family: str | None = None) -> tuple[ElementName, ...]:
    """The elements that are called so."""
    from gridmask.service.selection import ElementName

    return tuple(ElementName(name, type_, family) for name in names)


def rows(names: Sequence[str], type_: str | None, family: str | None, status_type: str | None, vo: str) -> tuple[RowName, ...]:
    """The rows that are called so."""
    from gridmask.service.selection import RowName

    return tuple(RowName(element, status_type, vo) for element in elements(names, type_, family))
