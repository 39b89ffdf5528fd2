from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gridmask.api.app import create_app

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return create_app(cast("Installation", None)).openapi()


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{method} {path}": said for path, methods in described["paths"].items() for method, said in methods.items()}


def test_every_route_says_what_it_does(described: dict[str, Any]) -> None:
    assert [name for name, said in operations(described).items() if not (said["summary"] and said["description"])] == []


def test_no_two_routes_have_the_same_name(described: dict[str, Any]) -> None:
    names = [said["operationId"] for said in operations(described).values()]
    assert len(set(names)) == len(names)


def test_every_route_says_how_problems_look(described: dict[str, Any]) -> None:
    for said in operations(described).values():
        assert list(said["responses"]["default"]["content"]) == ["application/problem+json"]


async def test_the_description_is_served(client: httpx2.AsyncClient, described: dict[str, Any]) -> None:
    assert (await client.get("/openapi.json")).json() == described


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_page_is_served_that_would_fetch_from_elsewhere(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404
