"""``gridmask dirac set-token``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.dirac import changes
from gridmask.cli.dirac.drawing import tell
from gridmask.cli.dirac.options import Days, Element, Name, Reason, StatusType, Whom, ending, family, listed
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.cli.dirac.desk import Desk


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "set-token")(set_token)


async def set_token(
    session: Session,
    element: Element,
    name: Name,
    reason: Reason,
    status_type: StatusType = None,
    days: Days = 1,
    release_token: Annotated[bool, typer.Option("--releaseToken", help="Give them back to automation instead.")] = False,
    vo: Whom = None,
) -> None:
    """Take rows out of automation's hands as they are, or give them back: dirac-rss-set-token.

    It does not matter whose they were.
    """
    from gridmask.cli.dirac.desk import Desk
    from gridmask.service.reasons import require_text

    table, names, aspects = f"{family(element)}Status", listed(name), listed(status_type)
    async with session.visit() as installation:
        desk = Desk(installation, session.actor)
        canonical = await desk.vo(vo)
        owner, until = _token(desk, days, release=release_token)
        said = {"Name": names, "StatusType": aspects, "VO": canonical, "Reason": require_text(reason, "A reason")}
        await desk.modify(table, {**said, "TokenOwner": owner, "TokenExpiration": until})
        after = await changes.rows(desk, table, names, aspects, canonical)
    tell(session, lambda: {"rows": after}, f"New token: {owner} --- until {until}\n{changes.lines(after)}")


def _token(desk: Desk, days: int, *, release: bool) -> tuple[str, datetime]:
    """Whose rows are to be, and until when."""
    from gridmask.dirac_rpc.tables import AUTOMATION, FOREVER

    return (AUTOMATION, FOREVER) if release else (desk.actor.name, ending(desk.now(), days))
