"""What can be done to an element, and what somebody did to it just now: what its page tells of deeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL
from gridmask.portal.deeds import rows
from gridmask.portal.deeds.done import Looked, done
from gridmask.portal.deeds.panel import SETTABLE, Around, Automated, panel
from gridmask.portal.frame import addresses

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.portrait import Portrait


async def deeds_of(
    gridmask: Installation, reader: Reader, portrait: Portrait, done_by: str = "", was: str = ""
) -> dict[str, object]:
    """What the template of an element's page needs for ``deeds/panel.html``.

    Args:
        gridmask: the installation.
        reader: who reads.
        portrait: what they may read of the element.
        done_by: the identifier of the request by which they did something just now; empty: they did not.
        was: what was decided on automation before that.
    """
    vo, seen = portrait.vo, [one.seen for one in portrait.explanations]
    back = addresses.element(portrait.element.key, vo)
    where = Around(reader, vo, gridmask.clock(), gridmask.inspector.policies.tokens, back)
    first, row = portrait.explanations[0], seen[0].row
    own = first.ruling is None or any(one.element == portrait.element.key for one in await gridmask.automation.list(vo))
    made = panel(
        where,
        seen if portrait.absence is None else (),
        affects=[name for view in portrait.views if not view.own for name in view.vos] if vo == ALL else (),
        downtimes=[version.downtime for version in portrait.downtimes],
        automation=Automated(first.mode, first.ruling, own),
    )
    looked = Looked(rows.written(row.key.element, row.key.status_type), max(one.row.revision for one in seen), was)
    told = await done(gridmask, reader, vo, done_by, looked)
    return {"panel": made, "settable": SETTABLE, "done": told, "back": back, "binds": vo == ALL}
