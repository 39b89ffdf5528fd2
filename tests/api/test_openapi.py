from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs
import pytest

from gridmask.api.app import create_app
from gridmask.api.examples import EXAMPLES

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


# --- Examples


def bodies(described: dict[str, Any]) -> dict[str, str]:
    """The name of the body's schema, by operation."""
    taken = {name: said["requestBody"] for name, said in operations(described).items() if "requestBody" in said}
    return {name: body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] for name, body in taken.items()}


def test_every_body_has_an_example(described: dict[str, Any]) -> None:
    assert {*bodies(described).values()} - EXAMPLES.keys() == set()


def test_every_change_and_what_most_people_read_has_an_example_of_its_answer(described: dict[str, Any]) -> None:
    answers = {
        said["responses"][status]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for name, said in operations(described).items()
        for status in ("200", "201")
        if status in said["responses"] and not name.startswith("get ")
    }
    assert (answers | {"RowsSaid", "TokensSaid", "MasksSaid", "DowntimesSaid", "Problem"}) - EXAMPLES.keys() == set()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_as_its_schema_says(described: dict[str, Any], name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    checker = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert [error.message for error in checker.iter_errors(EXAMPLES[name])] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_leaves_out_what_its_schema_has(described: dict[str, Any], name: str) -> None:
    said, has = EXAMPLES[name], described["components"]["schemas"][name]["properties"]
    taken = bodies(described).values()
    assert name in taken or name == "Problem" or said.keys() == has.keys()


async def test_what_is_sent_as_an_example_is_understood(client: httpx2.AsyncClient, described: dict[str, Any]) -> None:
    for name, body in bodies(described).items():
        method, path = name.split()
        filled = path.format(vo="cms", batch="none", token="none", name="none", receiver="none")
        told = json.loads(json.dumps(EXAMPLES[body]).replace("ce01.example.org", "CE2").replace("EXAMPLE-T2", "A"))
        answer = await client.request(method.upper(), filled, json=told)
        expected = {404} if "none" in filled or body == "LettersAsked" else {409} if method == "put" else {200, 201}
        assert answer.status_code in expected, f"{name}: {answer.text}"
        assert answer.json().get("errors", []) == [], name
