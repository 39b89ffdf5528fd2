"""DIRAC and DiracX themselves read the views, and get what they expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import ACCESS
from gridmask.domain.mask import Holding
from gridmask.domain.status import Status
from gridmask.testing import element, row
from tests import dirac_readers
from tests.conftest import MARIADB

if TYPE_CHECKING:
    from tests.dirac_views import Viewed

# neither speaks to PostgreSQL
pytestmark = pytest.mark.parametrize("viewed", [MARIADB], indirect=True)

CE, SE = element("ce"), element("se", "StorageElement")
FTS, SITE = element("fts", "FTS"), element("LCG.Example.org", "Site", family="Site")
WHY = (Reason(ReasonKind.CONSTANT, "Jobs fail."),)
COLUMNS = [
    *("Name", "StatusType", "Status", "Reason", "DateEffective", "TokenExpiration"),
    *("ElementType", "LastCheckTime", "TokenOwner", "VO"),
]
DATES = {"DateEffective": "2026-01-01 00:00:00", "TokenExpiration": "9999-12-31 23:59:59"}


@pytest.fixture
async def url(viewed: Viewed) -> str:
    """Of the views, with a small world in them."""
    storage = [row(SE, status_type=aspect) for aspect in ACCESS]
    storage.append(row(SE, Status.BANNED, vo="cms", status_type="WriteAccess", reasons=WHY))
    computing = [row(CE, Status.DEGRADED, reasons=WHY), row(CE, Status.PROBING, vo="atlas")]
    rest = [Holding(one, {("all", "all"): row(one)}) for one in (FTS, SITE)]
    await viewed.create()
    await viewed.keep(*(Holding(one, {r.key[1:]: r for r in rows}) for one, rows in ((SE, storage), (CE, computing))), *rest)
    return viewed.database.url.set(database=viewed.schema).render_as_string(hide_password=False)


async def test_diracs_own_class_selects_from_them(url: str) -> None:
    whole, some, sites, log = dirac_readers.dirac(
        url,
        ("ResourceStatus", {"Name": "ce", "VO": "all"}),
        ("ResourceStatus", {"Meta": {"columns": ["Name", "ElementType", "StatusType", "Status", "VO"]}, "VO": ["all", "cms"]}),
        ("SiteStatus", {"Meta": {"order": ["Name", "desc"], "limit": 5, "newer": ["DateEffective", "2020-01-01 00:00:00"]}}),
        ("ResourceHistory", {"Name": ["ce", "se"], "Meta": {"order": "ID"}}),
    )
    assert (whole["OK"], whole["Columns"]) == (True, COLUMNS)
    assert whole["Value"] == [["ce", "all", "Degraded", "Jobs fail.", *DATES.values(), "ComputingElement", *_checked()]]
    assert sorted(map(tuple, some["Value"])) == sorted(
        [
            *(("se", "StorageElement", aspect, "Active", "all") for aspect in ACCESS),
            *(("se", "StorageElement", one, "Banned" if one == "WriteAccess" else "Active", "cms") for one in ACCESS),
            *(("ce", "ComputingElement", "all", "Degraded", "all"), ("fts", "FTS", "all", "Active", "all")),
        ]
    )
    assert [one[0] for one in sites["Value"]] == ["LCG.Example.org"]
    assert (log["OK"], log["Value"], log["Columns"]) == (True, [], ["ID", *COLUMNS])


def _checked() -> tuple[str, str, str]:
    return DATES["DateEffective"], "rs_svc", "all"


async def test_diracx_reads_them(viewed: Viewed, url: str) -> None:
    await viewed.create("ComputeElement")
    told = dirac_readers.diracx(url)
    assert told["compute"]["all"]["ce"]["all"] == {"allowed": True, "warnings": "Jobs fail."}
    assert told["compute"]["atlas"]["ce"]["all"]["allowed"] is False
    assert told["storage"]["all"]["se"]["write"]["allowed"] is True
    access = {name: one["allowed"] for name, one in told["storage"]["cms"]["se"].items()}
    assert access == {"read": True, "write": False, "check": True, "remove": True}
    assert (told["fts"]["all"]["fts"]["all"]["allowed"], told["site"]["all"][SITE.key.name]["all"]["allowed"]) == (True, True)
    assert told["date"][1] == 2
    assert told["site date"][1] == 1
