"""The client has all of the API that scripts may use: each route, parameter and field, or a reason why not."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec
import pytest

import gridmask_client
from gridmask.api.app import create_app
from gridmask.api.models import LABELS
from gridmask.collectors.measurements.reader import About, Item
from gridmask.collectors.measurements.retired import Gone
from gridmask.domain.automation import Mode
from gridmask.domain.availability import By
from gridmask.domain.hindsight import Whose
from gridmask.domain.rights import Role
from gridmask.domain.status import Purpose
from gridmask.service.availability import Per
from gridmask.service.downtimes import When
from gridmask.service.masks import FORMATS
from gridmask_client import Call, Listing, availability, downtimes, evidence, masks, shapes
from tests.client.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from gridmask.bootstrap import Installation

LEFT_OUT = {
    "GET /api/v1/masks/{vo}/stream": "a script asks and goes on; who follows a mask holds a replica of it",
    "GET /metrics": "it is Prometheus that reads it",
    "POST /api/v1/evidence/alertmanager/{receiver}": "it is Alertmanager that calls it",
}
"""Routes that the client does not have, and why."""

FREE = frozenset({"measurements", "gone"})
"""What is described elsewhere."""

KEY = "idempotency-key"
"""The client sends it with every change, by itself."""


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return create_app(cast("Installation", None)).openapi()


@pytest.fixture(scope="module")
def described(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What OpenAPI says, by method and route."""
    return {f"{method.upper()} {path}": said for path, methods in openapi["paths"].items() for method, said in methods.items()}


def routes(call: Call[Any]) -> str:
    return f"{call.method} {call.route}"


# --- Routes


def test_every_route_is_covered_or_left_out_for_a_reason(described: dict[str, dict[str, Any]]) -> None:
    assert {*map(routes, SAMPLES.values()), *LEFT_OUT} == described.keys()


def test_everything_that_can_be_asked_has_a_sample() -> None:
    assert sorted(operations()) == sorted(SAMPLES)


def operations() -> Iterator[str]:
    """Everything that can be asked: the functions of nouns that give a call."""
    for noun in filter(inspect.ismodule, vars(gridmask_client).values()):
        for name, made in inspect.getmembers(noun, inspect.isfunction):
            if made.__module__ == noun.__name__ and not name.startswith("_") and _is_noun(noun):
                gives = str(inspect.signature(made).return_annotation)
                if gives.startswith(("Call[", "Listing[")) and name != "dealing":
                    yield f"{noun.__name__.rpartition('.')[2]}.{name}"


def _is_noun(module: ModuleType) -> bool:
    return module.__name__.rpartition(".")[2] in gridmask_client.__all__


# --- What is sent


def test_every_parameter_can_be_given(described: dict[str, dict[str, Any]]) -> None:
    given: dict[str, set[str]] = {}
    for call in SAMPLES.values():
        cursor = {call.cursor} - {""} if isinstance(call, Listing) else set()
        names = {name for name, _ in call.query} | cursor | {name.lower() for name, _ in call.headers}
        given.setdefault(routes(call), set()).update(names)
    for route, said in described.items():
        if route not in LEFT_OUT:
            taken = {one["name"].lower() for one in said.get("parameters", ()) if one["in"] != "path"} - {KEY}
            assert given[route] == taken, route


@pytest.mark.parametrize("name", SAMPLES)
def test_every_field_of_a_body_can_be_given(openapi: dict[str, Any], described: dict[str, Any], name: str) -> None:
    call, said = SAMPLES[name], described[routes(SAMPLES[name])]
    if "requestBody" not in said:
        assert call.body is None
        return
    schema = said["requestBody"]["content"]["application/json"]["schema"]
    assert call.body is not None
    assert fields(msgspec.json.decode(call.body)) == fields_of(schema, openapi)


def test_every_field_of_a_measurement_can_be_given() -> None:
    assert {*evidence.Measurement.__struct_fields__} == {*Item.__struct_fields__}
    assert {*evidence.About.__struct_fields__} == {*About.__struct_fields__}
    assert {*evidence.Gone.__struct_fields__} == {*Gone.__struct_fields__}


def fields(body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The names of fields in ``body``, and in what it lists."""
    members = {name: [fields(one) for one in value if isinstance(one, dict)] for name, value in _lists(body)}
    return {name: _merged(members.get(name, ())) for name in body}


def _lists(body: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    return ((name, value) for name, value in body.items() if isinstance(value, list) and name not in FREE)


def _merged(listed: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: members for one in listed for name, members in one.items()}


def fields_of(schema: dict[str, Any], openapi: dict[str, Any]) -> dict[str, Any]:
    """The same of a schema."""
    named = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    return {
        name: fields_of(said["items"], openapi) if "$ref" in said.get("items", ()) and name not in FREE else {}
        for name, said in named.items()
    }


# --- What is answered


def answered(call: Call[Any]) -> Any:  # noqa: ANN401 - a type
    """The type of the body; None: it is no JSON."""
    read = call.read
    while not hasattr(read, "type") and hasattr(read, "read"):
        read = read.read
    return getattr(read, "type", None)


@pytest.mark.parametrize("name", [name for name, call in SAMPLES.items() if answered(call) and "masks/{vo}" not in call.route])
def test_every_field_of_an_answer_is_known(openapi: dict[str, Any], described: dict[str, Any], name: str) -> None:
    responses = described[routes(SAMPLES[name])]["responses"]
    schema = (responses.get("200") or responses["201"])["content"]["application/json"]["schema"]
    ours = msgspec.json.schema(answered(SAMPLES[name]))
    assert shape(ours, ours["$defs"]) == shape(schema, openapi["components"]["schemas"])


def test_every_field_of_a_mask_is_known(described: dict[str, Any]) -> None:
    content = described["GET /api/v1/masks/{vo}"]["responses"]["200"]["content"]["application/json"]
    mask = content["schema"]["anyOf"][0]["properties"]
    assert set(masks.WholeMask.__struct_fields__) == mask.keys()
    assert set(masks.ElementSaid.__struct_fields__) == mask["elements"]["items"]["properties"].keys()
    assert set(masks.MaskElement.__struct_fields__) == mask["elements"]["items"]["properties"].keys() - {"absence"}


def test_every_field_of_hindsight_is_known(openapi: dict[str, Any]) -> None:
    ours, schemas = msgspec.json.schema(masks.Hindsight), openapi["components"]["schemas"]
    assert shape(ours, ours["$defs"]) == shape(schemas["HindsightSaid"], schemas)


def shape(schema: dict[str, Any], known: dict[str, Any]) -> Any:  # noqa: ANN401 - of whatever is described
    """What of a schema a reader cares for: the members and their types."""
    if "$ref" in schema:
        return shape(known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return sorted((shape(one, known) for one in schema["anyOf"]), key=str)
    if "properties" in schema:
        return {name: shape(one, known) for name, one in schema["properties"].items()}
    if "items" in schema:
        return [shape(schema["items"], known)]
    if isinstance(schema.get("additionalProperties"), dict):
        return {"*": shape(schema["additionalProperties"], known)}
    return "string" if "enum" in schema or "const" in schema else schema.get("type", "any")


# --- Words


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (shapes.Status, LABELS),
        (shapes.Purpose, [purpose.value for purpose in Purpose]),
        (shapes.Mode, list(Mode)),
        (shapes.Role, list(Role)),
        (downtimes.When, list(When)),
        (availability.By, list(By)),
        (availability.Per, list(Per)),
        (masks.Format, list(FORMATS)),
        (masks.Whose, list(Whose)),
    ],
)
def test_words_are_those_of_the_server(ours: object, theirs: list[str]) -> None:
    assert sorted(get_args(ours)) == sorted(map(str, theirs))
