"""``gridmask dirac set-status``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.dirac import changes
from gridmask.cli.dirac.drawing import tell
from gridmask.cli.dirac.options import Days, Element, Name, Reason, StatusType, Whom, ending, family, listed
from gridmask.cli.session import Session
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gridmask.cli.dirac.desk import Said

Row = tuple[str, str]
"""The name of an element, and an aspect."""


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "set-status")(set_status)


async def set_status(
    session: Session,
    element: Element,
    name: Name,
    status: Annotated[
        str,
        typer.Option("--status", metavar="STATUS", help=", ".join(s.label for s in Status) + ".", show_default=False),
    ],
    reason: Reason,
    status_type: StatusType = None,
    vo: Whom = None,
    token_owner: Annotated[
        str | None, typer.Option("--tokenOwner", metavar="NAME", help="In whose name they are held; else in yours.")
    ] = None,
    days: Days = 1,
) -> None:
    """Set the status of rows, and take them out of automation's hands: dirac-rss-set-status.

    Rows that have the status already stay as they are, and whosever they are.
    """
    from gridmask.cli.dirac.desk import Desk
    from gridmask.service.reasons import require_text

    table, wanted = f"{family(element)}Status", Status.parse(status)
    names, aspects, owner = listed(name), listed(status_type), token_owner or session.actor.name
    assert names is not None
    async with session.visit() as installation:
        desk = Desk(installation, session.actor)
        canonical = await desk.vo(vo)
        before = await changes.rows(desk, table, names, aspects, canonical)
        there = _that_are(wanted, before, canonical)
        change = {"VO": canonical, "Status": wanted.label, "Reason": require_text(reason, "A reason"), "TokenOwner": owner}
        until = ending(desk.now(), days)
        for some, of in _groups(names, aspects, before, there):
            await desk.modify(table, {"Name": some, "StatusType": of, "TokenExpiration": until, **change})
        after = await changes.rows(desk, table, names, aspects, canonical)
    kept = [f"{of} ({aspect}) is {wanted.label} already; set-token would hold it.\n" for of, aspect in sorted(there)]
    changed = [record for record in after if _row(record) not in there]
    tell(session, lambda: {"rows": after}, f"TokenOwner is {owner}\n{''.join(kept)}{changes.lines(changed)}")


def _row(record: Said) -> Row:
    return record["Name"], record["StatusType"]


def _that_are(wanted: Status, records: Iterable[Said], vo: str | None) -> set[Row]:
    """The rows that are as ``wanted``, for everyone who is meant; what a VO has of 'all' is not its own."""
    others = {_row(one) for one in records if one["Status"] != wanted.label or (vo is not None and one["VO"] != vo)}
    return {_row(one) for one in records} - others


def _groups(
    names: list[str], aspects: list[str] | None, records: Iterable[Said], there: Collection[Row]
) -> list[tuple[list[str], list[str] | None]]:
    """What is to be set: names, and the aspects of each of these; None: each that there is. What nobody knows comes first."""
    if not there:
        return [(names, aspects)]
    found: dict[str, list[str]] = {}
    for called, aspect in map(_row, records):
        found.setdefault(called, []).append(aspect)
    groups: dict[tuple[str, ...] | None, list[str]] = {}
    for called in names:
        asked = aspects or list(dict.fromkeys(found.get(called, ()))) or None
        left = None if asked is None else tuple(aspect for aspect in asked if (called, aspect) not in there)
        if left is None or left:
            groups.setdefault(left, []).append(called)
    known = {called for called in found if set(aspects or ()) <= set(found[called])}
    ordered = sorted(groups.items(), key=lambda group: set(group[1]) <= known)
    return [(some, None if of is None else list(of)) for of, some in ordered]
