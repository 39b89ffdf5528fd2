from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from gridmask.diracx import rss
from gridmask.diracx_rest.door import PATHS
from gridmask.diracx_rest.told import _STATUS
from gridmask.feeds.diracx import ROUTES as TOLD
from gridmask.service.usability import WORTH_PACKING
from tests.api.diracx_rest.conftest import ROUTES
from tests.documentation import reference

if TYPE_CHECKING:
    from tests.api.diracx_rest.conftest import Asking

PAGE = reference("diracx-rest")


def test_every_route_is_documented_with_what_it_tells_of() -> None:
    documented = PAGE.section("Routes").table()
    for path, route in PATHS.items():
        types, aspects = documented[path]
        assert types == ", ".join(f"`{name}`" for name in sorted(TOLD[route].types))
        assert aspects == ", ".join(f"`{said}`" for said, _ in TOLD[route].aspects)


def test_every_status_of_an_error_is_documented() -> None:
    told = {*_STATUS.values(), HTTPStatus.METHOD_NOT_ALLOWED} - {HTTPStatus.INTERNAL_SERVER_ERROR}
    assert [status for status in told if f"| {status.value} |" not in PAGE.section("Errors").text] == []


def test_from_how_many_bytes_on_an_answer_is_packed_is_documented() -> None:
    assert f"Answers from {WORTH_PACKING:,} bytes on are packed" in PAGE.text


@pytest.mark.parametrize("route", ROUTES)
async def test_what_is_told_is_what_our_own_reader_of_diracx_understands(asking: Asking, route: str) -> None:
    body = (await asking.get(route)).content
    usable = {row.element.name: said.usable for row, said in rss.parse(body, route, "lhcb")}
    assert usable == {name: name != "old" for name in (await asking.told(route))}
