"""At the shell, elements are called as at the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.cli.dirac import changes
from gridmask.cli.dirac.desk import Desk
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.grid import ADMIN

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation


@pytest.mark.parametrize(("name", "type_"), [("DUO", "ComputingElement"), ("DUO@FTS", "FTS")])
async def test_what_shares_a_name_is_set_and_listed_by_name_and_type(gridmask: Installation, name: str, type_: str) -> None:
    desk = Desk(gridmask, ADMIN)
    await desk.modify("ResourceStatus", {"Name": [name], "Status": "Banned", "Reason": "Smoke.", "VO": "all"})
    [row] = await changes.rows(desk, "ResourceStatus", [name], None, "all")
    assert (row["Name"], row["ElementType"], row["Status"]) == (name, type_, "Banned")
    assert changes.lines([row]).startswith(f"{name} (all) of all: Banned, admin until ")
    rows = {one: (await gridmask.statuses.history(RowName(ElementName("DUO", one))))[0] for one in ("ComputingElement", "FTS")}
    assert {one for one, change in rows.items() if change.new == Status.BANNED} == {type_}
