"""What the views of the past say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.mask import Holding
from gridmask.store.tables import changes, elements
from gridmask.testing import element, row
from tests.dirac_views import KNOWN_SINCE

if TYPE_CHECKING:
    from tests.dirac_views import Viewed

CE = element("ce")
ACTIVE, BANNED = 4, 1


async def happened(viewed: Viewed, *past: dict[str, Any]) -> None:
    """These changes of the row of the element."""
    await viewed.keep(Holding(CE, {("all", "all"): row(CE)}))
    common = {"status_type": "all", "vo": "all", "kind": "status", "binding": False, "actor": "a", "at": KNOWN_SINCE}
    common |= {"reasons": (Reason(ReasonKind.CONSTANT, "Because."),), "token_owner": None, "token_from": None, "new": None}
    async with viewed.database.engine.begin() as connection:
        number = await connection.scalar(select(elements.c.id))
        rows = [{**common, "old": None, "revision": n, "element_id": number, **one} for n, one in enumerate(past, 1)]
        await connection.execute(insert(changes), rows)


PAST: tuple[dict[str, Any], ...] = (
    {"kind": "saved", "status_type": "", "vo": ""},
    {"kind": "opened", "new": ACTIVE},
    {"kind": "held", "old": ACTIVE, "new": ACTIVE},
    {"kind": "token", "old": ACTIVE, "new": ACTIVE, "token_owner": "anna"},
    {"kind": "token", "old": ACTIVE, "new": ACTIVE, "token_owner": "anna"},
    {"kind": "status", "old": ACTIVE, "new": BANNED, "token_owner": "anna"},
    {"kind": "token", "old": BANNED, "new": BANNED, "token_from": "anna"},
    {"kind": "ended", "old": BANNED},
)
LOG = [("Active", "rs_svc")] * 2 + [("Active", "anna")] * 2 + [("Banned", "anna"), ("Banned", "rs_svc")]
HISTORY = [("Active", "rs_svc"), ("Active", "anna"), ("Banned", "anna"), ("Banned", "rs_svc")]


async def test_the_log_has_every_change_and_the_history_those_of_statuses_and_owners(viewed: Viewed) -> None:
    await happened(viewed, *PAST)
    for view, wanted in (("ResourceLog", LOG), ("ResourceHistory", HISTORY)):
        told = sorted(await viewed.rows(view, Name="ce"), key=lambda said: int(said["ID"]))
        assert [(said["Status"], said["TokenOwner"]) for said in told] == wanted
        assert {said["Reason"] for said in told} == {"Because."}
    assert await viewed.rows("SiteLog") == await viewed.rows("NodeHistory") == []
