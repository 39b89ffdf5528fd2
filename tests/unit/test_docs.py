"""What the reference says and what the program has are the same, in both directions; and every link leads somewhere."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, Any, cast

import prometheus_client
import prometheus_client.metrics
import pytest
import typer
from pydantic_core import PydanticUndefined

import gridmask
from gridmask import settings
from gridmask.api.app import create_app
from gridmask.cli.app import app
from gridmask.collectors.gocdb.service_types import SERVICE_TYPES as GOCDB
from gridmask.collectors.osg.service_types import SERVICE_TYPES as OSG
from gridmask.documents import Strict
from gridmask.domain.decision import ReasonKind
from gridmask.domain.element import BUILT_IN_TYPES
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.matching import KEYS
from gridmask.domain.measurements import VALUES
from gridmask.domain.status import Purpose, Status, usable
from gridmask.inventory import toml_tables
from gridmask.inventory.dirac.resources import PROVIDERS, READ
from gridmask.inventory.dirac.resources import SETTINGS as DIRACS_SETTINGS
from gridmask.inventory.dirac.storage import SERVICES
from gridmask.plugins import KINDS
from gridmask.policies import files as policy_files
from gridmask.policies.testing import tables as test_tables
from gridmask.portal import element, landing, matrix
from gridmask.rules import BUILT_IN
from gridmask.rules.cel.messages import shapes
from gridmask.rules.downtime import SEVERITIES
from gridmask.service.board import ENCODERS
from gridmask.store.tables import metadata
from tests.documentation import DOCS, ROOT, Page, commands, fields, parameters, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementType

SETTINGS: dict[str, type[Strict]] = {
    "At the top": settings.Settings,
    "[server]": settings.Server,
    "[loop]": settings.Loop,
    "[http]": settings.Http,
    "[[source]]": settings.Source,
    "[vo.NAME]": settings.Vo,
    '[type."NAME"]': settings.Type,
    "[[webhook]]": settings.Webhook,
    "[[action]]": settings.Action,
}
POLICIES: dict[str, type[Strict]] = {"[policy.NAME]": policy_files.PolicyTable, "[probing]": policy_files.ProbingTable}
POLICY_TESTS: dict[str, type[BaseModel]] = {
    "At the top": test_tables.TestFile,
    "[[element]]": test_tables.ElementTable,
    "[[source]]": test_tables.SourceTable,
    "[[test]]": test_tables.TestTable,
    "[[test.at]]": test_tables.MomentTable,
    "[[test.at.downtime]]": test_tables.DowntimeTable,
    "[[test.at.measured]]": test_tables.MeasuredTable,
    "[[test.at.set]]": test_tables.SetTable,
    "[[test.at.release]]": test_tables.ReleaseTable,
    "[[test.at.expect]]": test_tables.ExpectTable,
}
INVENTORY: dict[str, type[Strict]] = {
    "[[site]]": toml_tables.SiteTable,
    "[[site.resource]]": toml_tables.ResourceTable,
    '[type."NAME"]': toml_tables.TypeTable,
}
PAGES = [path.relative_to(ROOT).as_posix() for path in (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))]


def reference(name: str) -> Page:
    return Page.of(f"docs/reference/{name}.md")


# --- Files


@pytest.mark.parametrize("heading", SETTINGS)
def test_every_setting_is_documented_as_it_is(heading: str) -> None:
    documented = {key: row[:2] for key, row in reference("settings").section(heading).table().items()}
    expected = fields(SETTINGS[heading])
    assert {key: row for key, row in documented.items() if key in expected} == expected
    assert documented.keys() - expected.keys() <= {*KINDS, *DATABASES}


DATABASES = ("sqlite:///PATH", "mysql://USER:PASSWORD@HOST/NAME", "ephemeral")


def test_every_setting_that_is_no_table_describes_itself() -> None:
    silent = {name for table in SETTINGS.values() for name, field in table.model_fields.items() if not field.description}
    assert silent == {"server", "loop", "http", "source", "webhook", "action"}


def test_every_table_of_the_settings_has_its_section() -> None:
    tables = {kind for kind in vars(settings).values() if isinstance(kind, type) and issubclass(kind, Strict)}
    assert tables - {Strict} == set(SETTINGS.values())
    assert [heading for heading in reference("settings").headings(2) if heading not in SETTINGS] == []


def test_every_kind_of_source_is_documented() -> None:
    documented = reference("settings").section("[[source]]").table().keys()
    assert documented - fields(settings.Source).keys() == KINDS.keys()


def test_every_built_in_type_is_documented_as_it_is() -> None:
    documented = reference("types").section("Built-in types").table()
    assert documented == {type_.name: _row(type_) for type_ in BUILT_IN_TYPES}


def _row(type_: ElementType) -> tuple[str, ...]:
    status_types = ", ".join(f"`{name}`" for name in type_.status_types)
    at_osg = sorted((f"`{service}`" for service, kind in OSG.items() if kind == type_), key=str.casefold)
    return f"`{type_.family}`", f"`{type_.category}`", status_types, ", ".join(at_osg) or "none"


@pytest.mark.parametrize("heading", POLICIES)
def test_every_key_of_a_policy_file_is_documented_as_it_is(heading: str) -> None:
    assert reference("policies").section(heading).table() == fields(POLICIES[heading])


@pytest.mark.parametrize("heading", INVENTORY)
def test_every_key_of_an_inventory_file_is_documented_as_it_is(heading: str) -> None:
    assert reference("inventory-file").section(heading).table() == fields(INVENTORY[heading])


@pytest.mark.parametrize("heading", POLICY_TESTS)
def test_every_key_of_a_policy_test_is_documented_as_it_is(heading: str) -> None:
    documented = reference("policy-tests").section(heading).table()
    assert {key: row for key, row in documented.items() if key not in VALUES} == fields(POLICY_TESTS[heading])


def test_every_kind_of_measurement_is_documented_with_its_keys() -> None:
    documented = reference("policy-tests").section("[[test.at.measured]]").table()
    keys = {kind: ", ".join(f"`{field.name}`" for field in dataclasses.fields(made)) for kind, made in VALUES.items()}  # type: ignore[arg-type]
    assert {kind: row[0] for kind, row in documented.items() if kind in VALUES} == keys


def test_every_match_key_is_documented() -> None:
    documented = reference("policies").section("Match keys").table()
    assert tuple(key for key in documented if key.isidentifier()) == KEYS


def test_every_rule_is_documented() -> None:
    documented = reference("policies").section("Rules").headings(3)
    assert sorted(documented) == sorted(BUILT_IN)


@pytest.mark.parametrize("rule", BUILT_IN)
def test_every_argument_of_a_rule_is_documented_with_its_default(rule: str) -> None:
    documented = {name: row[0] for name, row in reference("policies").section(rule).table().items()}
    arguments = {field.name: written(_default(field)) for field in dataclasses.fields(BUILT_IN[rule])}  # type: ignore[arg-type]
    assert {name: documented.get(name) for name in arguments} == arguments
    assert documented.keys() - arguments.keys() <= SEVERITIES.keys()


def _default(field: dataclasses.Field[object]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return PydanticUndefined if field.default is dataclasses.MISSING else field.default


def test_everything_that_conditions_can_be_about_is_documented_as_it_is() -> None:
    page, provenance = reference("conditions"), reference("conditions").section("Every record").table()
    for name, shape in shapes().items():
        fields_of = {field: (f"`{'list of ' * told.repeated}{told.type}`",) for field, told in shape.items()}
        documented = {field: row[:1] for field, row in page.section(name if name == "Point" else name.lower()).table().items()}
        assert documented == {field: row for field, row in fields_of.items() if name not in VALUES or field not in provenance}


def test_every_severity_is_documented_as_it_is() -> None:
    documented = reference("policies").section("downtime").table()
    assert {name: documented[name] for name in SEVERITIES} == {name: (f"`{i.name}`",) for name, i in SEVERITIES.items()}


# --- What the program says


def test_every_status_is_documented_with_who_may_use_it() -> None:
    rows = re.findall(r"^\| (\d) \| `(\w+)` \| .* \| (yes|no) \| (yes|no) \|$", reference("statuses").text, re.MULTILINE)
    said = {True: "yes", False: "no"}
    assert rows == [(str(s.value), s.label, *(said[usable(s, p)] for p in (Purpose.USE, Purpose.TEST))) for s in Status]


def test_every_kind_of_reason_and_of_change_is_documented() -> None:
    page = reference("statuses")
    assert set(page.section("Kinds of reasons").table()) == {str(kind) for kind in ReasonKind}
    assert set(page.section("What a history entry tells").table()) == {str(kind) for kind in ChangeKind}


@pytest.mark.parametrize(("page", "services"), [("osg", OSG), ("gocdb", GOCDB)])
def test_every_service_of_a_registry_is_documented_as_it_is(page: str, services: Mapping[str, ElementType]) -> None:
    documented = reference(page).section("Services and their types").table()
    amount = {True: "one", False: "four accesses"}
    assert documented == {n: (t.name, t.category, amount[len(t.status_types) == 1]) for n, t in services.items()}


def test_every_section_of_dirac_that_is_read_or_known_is_documented() -> None:
    named = set(re.findall(r"`(?:Resources/)?(\w+)", reference("dirac-cs").section("What is read").text))
    assert sorted((READ | PROVIDERS | DIRACS_SETTINGS) - named) == []


def test_every_protocol_of_storage_is_documented_with_its_services() -> None:
    rows = {called: row for called, row in reference("dirac-cs").section("A storage element").table().items() if len(row) == 2}
    documented = {name: row for called, row in rows.items() for name in re.findall(r"\w+", called)}
    assert documented == {protocol: tuple(map(_codes, services)) for protocol, services in SERVICES.items()}


def _codes(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def test_every_table_and_column_is_documented() -> None:
    page = reference("schema")
    documented = {name: list(page.section(name).table()) for name in page.headings(2)}
    assert documented == {table.name: [column.name for column in table.columns] for table in metadata.tables.values()}


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


# --- Commands

ROOT_COMMAND = typer.main.get_command(app)
COMMANDS = dict(commands(ROOT_COMMAND))
EVERYWHERE = parameters(COMMANDS["gridmask db check"])


def test_every_command_has_its_section() -> None:
    documented = [heading for heading in reference("cli").headings(2) if heading.startswith("gridmask ")]
    assert sorted(documented) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_of_a_command_is_documented_as_it_is(name: str) -> None:
    documented = {called: row for called, row in reference("cli").section(name).table().items() if called not in STATES}
    assert documented == {called: row for called, row in parameters(COMMANDS[name]).items() if called not in EVERYWHERE}


STATES = ("good", "failing", "stale", "never")


def test_the_options_of_every_command_are_documented_once() -> None:
    documented = reference("cli").section("Options of every command").table()
    assert documented == EVERYWHERE | parameters(ROOT_COMMAND)


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
    routes = {route.path: route for each in (landing, matrix, element) for route in each.router.routes}
    assert {path.replace(":path", "") for path in routes} == {called for called in page.table() if called.startswith("/")}
    for path, route in routes.items():
        if parameters := [field.alias for field in route.dependant.query_params]:
            assert list(page.section(path.replace(":path", "")).table()) == parameters


def test_every_format_of_a_mask_is_documented() -> None:
    assert [name for name in ENCODERS if name not in map(str.lower, reference("mask-formats").headings(2))] == []


# --- Links


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = Page.of(name)
    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", page.prose)):
        if not re.match(r"[a-z]+:", target):
            found = (page.path.parent / target) if target else page.path
            assert found.exists(), f"{name}: {target} does not exist"
            assert not anchor or anchor in _anchors(Page.of(found.resolve().relative_to(ROOT).as_posix())), (
                f"{name}: {target}#{anchor}"
            )


def _anchors(page: Page) -> set[str]:
    """The anchors of a page's headings, as the site and code hosts make them."""
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in page.headings()}


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md"])
def test_every_path_that_a_page_names_exists(name: str) -> None:
    paths = re.findall(r"`((?:src|tests|docs|examples|benchmarks|requirements)/[\w./-]*)`", Page.of(name).text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_page_is_in_the_navigation() -> None:
    named = re.findall(r'= "([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_every_decision_is_in_the_index() -> None:
    index = Page.of("docs/decisions/index.md").text
    assert [path.name for path in DOCS.glob("decisions/0*.md") if f"({path.name})" not in index] == []


def test_every_picture_is_shown_somewhere() -> None:
    pages = "".join(Page.of(name).text for name in PAGES)
    assert [path.name for path in DOCS.glob("pictures/*.svg") if f"pictures/{path.name})" not in pages] == []
