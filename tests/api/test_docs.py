"""What the reference says and what the whole program has are the same: its tables, metrics, routes, pages and formats."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, Any, cast

import prometheus_client
import prometheus_client.metrics
import pytest
from fastapi.routing import APIRoute

import gridmask
from gridmask.api.app import create_app
from gridmask.api.dependencies import query_parameters
from gridmask.api.rights import ROUTES
from gridmask.domain.rights import Action
from gridmask.portal.frame.assets import PREFIX
from gridmask.portal.routes import OPEN, PAGES
from gridmask.service.masks import FORMATS
from gridmask.service.review import Doubt
from gridmask.store.ledger import HELD, REMINDER, SOURCE
from gridmask.store.tables import metadata
from tests.documentation import DOCS, ROOT, Page, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.bootstrap import Installation


def test_every_table_and_column_is_documented() -> None:
    page = reference("schema")
    documented = {name: list(page.section(name).table()) for name in page.headings(2)}
    assert documented == {table.name: [column.name for column in table.columns] for table in metadata.tables.values()}


def test_every_table_is_in_the_picture() -> None:
    picture = (DOCS / "pictures" / "schema.svg").read_text()
    assert [name for name in metadata.tables if f">{name}</text>" not in picture] == []


def test_every_metric_is_documented_with_its_labels() -> None:
    for module in pkgutil.walk_packages(gridmask.__path__, "gridmask."):
        if ".migrations." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    documented = {name: row[0] for name, row in reference("metrics").table().items()}
    assert {name: labels for name, labels in documented.items() if name.startswith("gridmask_")} == dict(_metrics())


def _metrics() -> Iterator[tuple[str, str]]:
    """The registered metrics by the name under which they are scraped, each with the names of its labels."""
    registered = prometheus_client.REGISTRY._collector_to_names
    for collector in registered:
        if isinstance(collector, prometheus_client.metrics.MetricWrapperBase) and collector._name.startswith("gridmask_"):
            suffix = "_total" if isinstance(collector, prometheus_client.Counter) else ""
            yield f"{collector._name}{suffix}", ", ".join(f"`{label}`" for label in collector._labelnames)


def test_every_reason_to_review_a_ban_is_documented() -> None:
    section = Page.of("docs/how-to/review-bans.md").section("What is wrong with them").text
    assert [doubt for doubt in Doubt if f"| {doubt} |" not in section] == []


def test_every_topic_of_what_the_outside_is_told_is_documented() -> None:
    assert [
        topic for topic in (HELD, REMINDER, SOURCE) if f"| {topic} |" not in reference("settings").section("[[webhook]]").text
    ] == []


# --- Routes


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    # what is described are the routes; there need be nothing behind them
    return create_app(cast("Installation", None)).openapi()


def test_every_route_has_its_section_and_its_line(openapi: dict[str, Any]) -> None:
    routes = {f"{method.upper()} {path}" for path, methods in openapi["paths"].items() for method in methods}
    page = reference("http-api")
    assert {heading for heading in page.headings(2) if re.match(r"[A-Z]+ /", heading)} == routes
    assert {called for called in page.table() if re.match(r"[A-Z]+ /", called)} == routes


def test_every_parameter_of_a_route_is_documented(openapi: dict[str, Any]) -> None:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            taken = {parameter["name"]: parameter["in"] for parameter in operation.get("parameters", ())}
            documented = reference("http-api").section(f"{method.upper()} {path}").table()
            where = {called: row[0] for called, row in documented.items() if row[0] in {"path", "query", "header"}}
            assert where == taken, f"{method.upper()} {path}"


def test_every_field_of_bodies_and_answers_is_documented(openapi: dict[str, Any]) -> None:
    schemas = {
        name: set(schema["properties"]) for name, schema in openapi["components"]["schemas"].items() if "properties" in schema
    }
    objects = reference("http-api").section("Objects")
    assert {name: _documented(objects, name) for name in objects.headings(3)} == schemas


def _documented(objects: Page, name: str) -> set[str]:
    section = objects.section(name)
    inherited = re.findall(r"Everything of\s+\[`(\w+)`\]", section.text)
    return set(section.table()).union(*(_documented(objects, base) for base in inherited))


def test_every_page_of_the_portal_is_documented_with_its_parameters() -> None:
    page = reference("portal")
    routes = {
        route.path: route
        for each in (*PAGES, *OPEN)
        for route in each.routes
        if isinstance(route, APIRoute) and not route.path.startswith(PREFIX) and "GET" in (route.methods or ())
    }
    assert {path.replace(":path", "") for path in routes} == {called for called in page.table() if called.startswith("/")}
    for path, route in routes.items():
        if parameters := list(query_parameters(route.dependant)):
            assert list(page.section(path.replace(":path", "")).table()) == parameters


def test_every_format_of_a_mask_is_documented() -> None:
    assert [name for name in FORMATS if name not in map(str.lower, reference("mask-formats").headings(2))] == []


# --- Security


def test_what_each_route_needs_is_documented_as_it_is() -> None:
    table = reference("security").section("Routes").table()
    assert {called: row[0] for called, row in table.items()} == {
        f"{method} {path}": needs.value for (method, path), needs in ROUTES.items()
    }


def test_what_each_action_takes_is_documented_as_it_is() -> None:
    text = reference("security").section("Actions").text
    assert [action for action in Action if f"| {action.words} | {action.role} |" not in text] == []
    assert text.count("\n|") == len(Action) + 2


def test_every_attack_is_tried_by_a_test_that_there_is() -> None:
    text = reference("security").section("Attacks").text
    tried = re.findall(r"^\| (.+) \| .+ \| `(tests/\S+)::(test_\w+)` \|$", text, re.MULTILINE)
    assert len(tried) == text.count("\n|") - 2 > 40
    for attack, path, name in tried:
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), f"{attack}: there is no {name}"
