"""What the reference says and what the program has are the same, in both directions.

What can be told only of the whole program, such as its routes and metrics, is in ``tests/api/test_docs.py``."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
import typer
from pydantic_core import PydanticUndefined

from gridmask import engine, settings
from gridmask.access import settings as access_settings
from gridmask.actions import settings as action_settings
from gridmask.actions.actuating.settings import LimitsTable
from gridmask.actions.feed.settings import Feed
from gridmask.actions.fts3.settings import Fts3
from gridmask.actions.notify import settings as notify_settings
from gridmask.actions.rucio.settings import Rucio
from gridmask.cel.messages import shapes
from gridmask.cli.app import app
from gridmask.collectors.alertmanager import settings as alertmanager_settings
from gridmask.collectors.gocdb.service_types import SERVICE_TYPES as GOCDB
from gridmask.collectors.osg.service_types import SERVICE_TYPES as OSG
from gridmask.documents import Strict
from gridmask.domain.automation import Mode
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
from gridmask.kinds import KINDS
from gridmask.policies import files as policy_files
from gridmask.policies import safeguards
from gridmask.policies.testing import tables as test_tables
from gridmask.probes import settings as probe_settings
from gridmask.probes.kinds import KINDS as PROBES
from gridmask.rules import BUILT_IN
from gridmask.rules.aggregation import Condition, Line
from gridmask.rules.downtime import SEVERITIES
from gridmask.source import Source
from tests.documentation import DOCS, ROOT, commands, fields, models_in, parameters, reference, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from gridmask.domain.element import ElementType

SETTINGS: dict[str, type[Strict]] = {
    "At the top": settings.Settings,
    "[server]": settings.Server,
    "[access]": access_settings.Access,
    "[[issuer]]": access_settings.Issuer,
    "[[issuer.grant]]": access_settings.Grant,
    "[certificate]": access_settings.Certificate,
    "[limits]": access_settings.Limits,
    "[loop]": settings.Loop,
    "[engine]": engine.Engine,
    "[retention]": settings.Retention,
    "[recording]": settings.Recording,
    "[logs]": settings.Logs,
    "[tracing]": settings.Tracing,
    "[http]": settings.Http,
    "[dirac_rpc]": settings.DiracRpc,
    "[diracx_rest]": settings.DiracXRest,
    "[connections]": settings.Connections,
    "[[source]]": Source,
    "[[receiver]]": alertmanager_settings.Receiver,
    "[[probe]]": probe_settings.Probe,
    "[probes]": probe_settings.Probes,
    "[vo.NAME]": settings.Vo,
    '[type."NAME"]': settings.Type,
    "[[webhook]]": action_settings.Webhook,
    "[[action]]": action_settings.Action,
    "on: what an action is told of": action_settings.Conditions,
    "[delivery]": action_settings.Delivery,
    "[mail]": notify_settings.MailTable,
    "[notifications]": notify_settings.Notifications,
    "[address.NAME]": notify_settings.Address,
    "[[notify]]": notify_settings.Notify,
    "[[rucio]]": Rucio,
    "[[fts3]]": Fts3,
    "[[feed]]": Feed,
    "limits: how much an actuator changes": LimitsTable,
}
POLICIES: dict[str, type[Strict]] = {
    "[policy.NAME]": policy_files.PolicyTable,
    "[probing]": policy_files.ProbingTable,
    "[[guard.cap]]": safeguards.CapTable,
    "[damping]": safeguards.DampingTable,
    "[tokens]": safeguards.TokensTable,
    "[automation]": policy_files.AutomationTable,
    "[[evidence]]": policy_files.EvidenceTable,
}
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


# --- Files


@pytest.mark.parametrize("heading", SETTINGS)
def test_every_setting_is_documented_as_it_is(heading: str) -> None:
    documented = {key: row[:2] for key, row in reference("settings").section(heading).table().items()}
    expected = fields(SETTINGS[heading])
    assert {key: row for key, row in documented.items() if key in expected} == expected
    assert documented.keys() - expected.keys() <= {*KINDS, *DATABASES}


DATABASES = ("sqlite:///PATH", "mysql://USER:PASSWORD@HOST/NAME", "postgresql://USER:PASSWORD@HOST/NAME", "ephemeral")


def test_every_setting_that_is_no_table_describes_itself() -> None:
    silent = {name for table in SETTINGS.values() for name, field in table.model_fields.items() if not field.description}
    assert silent == {
        "server",
        "access",
        "limits",
        "issuer",
        "certificate",
        "loop",
        "engine",
        "retention",
        "recording",
        "logs",
        "tracing",
        "http",
        "connections",
        "dirac_rpc",
        "diracx_rest",
        "source",
        "receiver",
        "probe",
        "probes",
        "webhook",
        "action",
        "on",
        "delivery",
        "mail",
        "notifications",
        "notify",
        "rucio",
        "fts3",
        "feed",
        "options",  # of a source; each kind describes its own
    }


def test_every_table_of_the_settings_has_its_section() -> None:
    tables = {
        kind
        for module in (settings, access_settings, action_settings)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Strict)
    }
    assert tables - {Strict} == set(SETTINGS.values()) - {LimitsTable}  # it is within others
    assert [heading for heading in reference("settings").headings(2) if heading not in SETTINGS] == []


def test_every_kind_of_source_is_documented() -> None:
    documented = reference("settings").section("[[source]]").table().keys()
    assert documented - fields(Source).keys() == KINDS.keys()


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.options.model_fields])
def test_the_options_of_every_kind_of_source_are_documented_as_they_are(kind: str) -> None:
    heading = f"## Options of `{kind}`"
    pages = [
        page.stem
        for page in sorted((DOCS / "reference").glob("*.md"))
        if re.search(f"^#?{heading}$", page.read_text(), re.MULTILINE)
    ]
    assert len(pages) == 1, f"one page of the reference has {heading!r}"
    documented = reference(pages[0]).section(f"Options of {kind}").table()
    assert {key: row[:2] for key, row in documented.items()} == _with_tables(KINDS[kind].options)


def _with_tables(options: type[BaseModel]) -> dict[str, tuple[str, str]]:
    """What a page should say about ``options``, and about the tables that they consist of."""
    tables = [model for field in options.model_fields.values() for model in models_in(field.annotation)]
    return fields(options) | {key: row for table in tables for key, row in _with_tables(table).items()}


def test_every_kind_of_source_and_of_probe_has_its_place_among_those_to_choose_from() -> None:
    page = (ROOT / "docs" / "how-to" / "choose-sources.md").read_text()
    assert [kind for kind in (*KINDS, *PROBES) if f"`{kind}`" not in page] == []


def test_every_kind_of_probe_is_documented() -> None:
    assert reference("probes").section("Kinds").headings(3) == list(PROBES)


@pytest.mark.parametrize("kind", PROBES)
def test_every_option_of_a_probe_is_documented_with_its_default(kind: str) -> None:
    documented = {name: row[0] for name, row in reference("probes").section(kind).table().items()}
    assert documented == {field.name: written(_default(field)) for field in dataclasses.fields(PROBES[kind])}  # type: ignore[arg-type]  # they are dataclasses


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
    keys = {kind: ", ".join(f"`{field.name}`" for field in dataclasses.fields(made)) for kind, made in VALUES.items()}  # type: ignore[arg-type]  # measurements are dataclasses
    assert {kind: row[0] for kind, row in documented.items() if kind in VALUES} == keys


def test_every_match_key_is_documented() -> None:
    documented = reference("policies").section("Match keys").table()
    assert tuple(key for key in documented if key.isidentifier()) == KEYS


def test_every_rule_is_documented() -> None:
    documented = reference("policies").section("Rules").headings(3)
    assert sorted(documented) == sorted(BUILT_IN)


def test_every_key_of_a_table_of_cases_is_documented_with_its_default() -> None:
    documented = {name: row[0] for name, row in reference("policies").section("Tables of cases").table().items()}
    both = (*dataclasses.fields(Line), *dataclasses.fields(Condition))
    assert documented == {field.name: written(_default(field)) for field in both}


@pytest.mark.parametrize("rule", BUILT_IN)
def test_every_argument_of_a_rule_is_documented_with_its_default(rule: str) -> None:
    documented = {name: row[0] for name, row in reference("policies").section(rule).table().items()}
    arguments = {field.name: written(_default(field)) for field in dataclasses.fields(BUILT_IN[rule])}  # type: ignore[arg-type]  # so are rules
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


def test_every_mode_of_automation_is_documented() -> None:
    assert list(reference("statuses").section("How far automation goes").table()) == [str(mode) for mode in Mode]


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


STATES = ("good", "failing", "quarantined", "stale", "never")


def test_the_options_of_every_command_are_documented_once() -> None:
    documented = reference("cli").section("Options of every command").table()
    assert documented == EVERYWHERE | parameters(ROOT_COMMAND)
