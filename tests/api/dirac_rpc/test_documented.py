from __future__ import annotations

from gridmask.dirac_rpc.protocol import Errno
from gridmask.dirac_rpc.rights import METHODS
from gridmask.dirac_rpc.tables import CACHES, STATUS_COLUMNS
from tests.documentation import reference

PAGE = reference("dirac-rpc")


def test_every_method_is_documented_with_what_it_needs() -> None:
    for service in ("ResourceStatus", "ResourceManagement", "Publisher"):
        documented = {method: cells[1] for method, cells in PAGE.section("Methods").section(service).table().items()}
        assert documented == {method: needs.value for (of, method), needs in METHODS.items() if of == service}


def test_every_table_and_column_is_documented() -> None:
    assert list(PAGE.section("Tables of statuses").table()) == list(STATUS_COLUMNS)
    assert set(PAGE.section("Tables of ResourceManagementDB").table()) == set(CACHES)


def test_every_number_of_an_error_is_documented() -> None:
    assert [number for number in Errno if f"| {number.value} |" not in PAGE.text] == []
