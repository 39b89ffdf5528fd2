from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx2

ELEMENTS = "/api/v1/elements"


async def names(client: httpx2.AsyncClient, **query: str | int) -> list[str]:
    return [element["name"] for element in (await client.get(ELEMENTS, params=query)).json()["elements"]]


async def test_an_element_is_told_whole(client: httpx2.AsyncClient) -> None:
    (element,) = (await client.get(ELEMENTS, params={"name": "PRIVATE"})).json()["elements"]
    assert {**element, "facts": {}} == {
        "family": "Resource",
        "type": "ComputingElement",
        "name": "PRIVATE",
        "site": "B",
        "category": "computing",
        "in_service": True,
        "offered": ["cms"],
        "hosts": [],
        "aliases": [],
        "tags": [],
        "facts": {},
        "source": "osg",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "FTS"}, ["DUO"]),
        ({"family": "Site"}, ["A", "B"]),
        ({"site": "A"}, ["A", "CE1", "CE2", "SE1"]),
        ({"category": "storage"}, ["SE1"]),
        ({"source": "elsewhere"}, []),
        ({"type": "ComputingElement", "vo": "atlas", "site": "B"}, ["DUO", "OLD"]),
    ],
)
async def test_every_filter_must_hold(client: httpx2.AsyncClient, query: dict[str, str], found: list[str]) -> None:
    assert sorted(await names(client, **query)) == found


async def test_pages_together_are_the_list(client: httpx2.AsyncClient) -> None:
    found: list[tuple[str, str]] = []
    cursor: int | None = 0
    while cursor is not None:
        page = (await client.get(ELEMENTS, params={"limit": 4, "cursor": cursor})).json()
        found += [(e["type"], e["name"]) for e in page["elements"]]
        cursor = page["next"]
    assert len(found) == len(set(found)) == 9


async def test_a_filter_that_there_is_not_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.get(ELEMENTS, params={"stie": "A"})
    assert response.status_code == 422
    assert response.json()["detail"] == "There is no parameter 'stie' here; did you mean 'site'?"


@pytest.mark.parametrize("query", ["vo=", "name=", "limit=0", "limit=1001", "cursor=-1", f"cursor={2**63}", "site=A&site=B"])
async def test_a_filter_that_makes_no_sense_is_refused(client: httpx2.AsyncClient, query: str) -> None:
    assert (await client.get(f"{ELEMENTS}?{query}")).status_code == 422
