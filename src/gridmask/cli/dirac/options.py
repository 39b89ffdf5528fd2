"""The options that several of DIRAC's scripts take, and what is meant by what they are given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

MOST_DAYS = 36_500

Element = Annotated[str, typer.Option("--element", metavar="FAMILY", help="Site, Resource or Node.", show_default=False)]
Name = Annotated[str, typer.Option("--name", metavar="NAME,...", help="The elements, by name.", show_default=False)]
SomeName = Annotated[str | None, typer.Option("--name", metavar="NAME,...", help="The elements, by name; else any.")]
StatusType = Annotated[
    str | None,
    typer.Option("--statusType", metavar="ASPECT,...", help="Aspects, such as WriteAccess; else each that there is."),
]
ElementType = Annotated[
    str | None, typer.Option("--elementType", metavar="TYPE,...", help="Elements of these types; else of any.")
]
Status = Annotated[
    str | None, typer.Option("--status", metavar="STATUS,...", help="Rows that are Banned, Active...; else any.")
]
Owner = Annotated[
    str | None,
    typer.Option(
        "--tokenOwner", metavar="NAME,...", help="Rows that these hold; rs_svc is automation. Else whosever they are."
    ),
]
Vo = Annotated[
    str | None,
    typer.Option("--VO", metavar="VO", help="As this VO gets them; 'all' is the row of those without one of their own."),
]
Whom = Annotated[
    str | None, typer.Option("--VO", metavar="VO", help="For this VO; else for everyone, VOs with rows of their own included.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who come after you.", show_default=False)]
Days = Annotated[
    int,
    typer.Option(
        "--days", metavar="N", help="For so many days; 0 or less: until it is released.", min=-MOST_DAYS, max=MOST_DAYS
    ),
]


def family(text: str) -> str:
    """The family that ``text`` means.

    Raises:
        BadParameter: there is none that DIRAC has.
    """
    from gridmask.dirac_rpc.tables import FAMILIES

    found = text.strip().capitalize()
    if found not in FAMILIES:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(FAMILIES)}", param_hint="'--element'")
    return found


def listed(text: str | None) -> list[str] | None:
    """What ``text`` lists, with commas between; None where nothing is given.

    Raises:
        BadParameter: it lists nothing. That would mean everything, which is not what anybody means who says something.
    """
    if text is None:
        return None
    found = [one.strip() for one in text.split(",") if one.strip()]
    if not found:
        raise typer.BadParameter(f"{text!r} lists nothing; leave the option out if you mean all")
    return list(dict.fromkeys(found))


def statuses(text: str | None) -> list[str] | None:
    """The statuses that ``text`` lists, as DIRAC writes them.

    Raises:
        NotKnown: there is no such status. BadParameter: as above.
    """
    from gridmask.domain.status import Status as Known

    given = listed(text)
    return None if given is None else [Known.parse(one).label for one in given]


def moment(text: str | None) -> datetime | None:
    """The moment that ``text`` means, as DIRAC has it; without a zone it is in UTC, as DIRAC's are.

    Raises:
        BadParameter: it means none.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no time; write it as '2026-08-21 17:00:00', in UTC") from None


def ending(now: datetime, days: int) -> datetime:
    """When a token that is taken ``now`` for so many ``days`` ends; both as DIRAC has moments."""
    from gridmask.dirac_rpc.tables import FOREVER

    return FOREVER if days <= 0 else now + timedelta(days=days)
