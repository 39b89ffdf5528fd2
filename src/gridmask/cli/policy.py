"""``gridmask policy``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from rich.table import Table

    from gridmask.domain.policy import Policy, PolicySet
    from gridmask.policies.catalogue import Described
    from gridmask.policies.check import Checked, Known
    from gridmask.policies.governance import Governance, Inventory
    from gridmask.policies.layers import Problem, Text
    from gridmask.policies.testing.outcome import Outcome
    from gridmask.service.policies import Record

app = typer.Typer()

Directory = Annotated[
    Path | None, typer.Argument(metavar="DIR", help="The directory of policy files; else the one that the settings name.")
]


@command(app, "check")
async def check(
    session: Session,
    directory: Directory = None,
    inventory: Annotated[
        Path | None,
        typer.Option(
            "--inventory", metavar="FILE", help="Count rows in this inventory file; else in the database's inventory."
        ),
    ] = None,
) -> int:
    """Check policy files: everything that is wrong with them, and what can hardly be meant.

    Nothing is put into force. The exit code is 1 if the files would be refused.
    """
    from gridmask.policies import check as policy_check
    from gridmask.policies import files as policy_files

    known = await _known(session, inventory)
    draft = policy_files.draft(_directory(session, directory), session.settings.managed_by_api(), await _kept(session))
    checked = policy_check.check(draft, known)
    shown: list[str | Table] = [*map(line, (*checked.errors, *checked.warnings))]
    if checked.governance is not None:
        shown.extend([*([""] if shown else []), _governed(draft.policies, checked.governance)])
    shown.extend([*([""] if shown else []), _verdict(checked, draft.policies, known)])
    session.out.show(lambda: _checked(checked, draft.policies), *shown)
    return 1 if checked.errors else 0


@command(app, "test")
async def run_tests(
    session: Session,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files of tests, or directories with such; else the settings' policies."),
    ] = None,
    policies: Annotated[
        Path | None, typer.Option("--policies", metavar="DIR", help="Test these policies, whatever the files say.")
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="PATTERN", help="Only tests called so; * is anything.")] = "*",
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write what came of them, as build servers read it.")
    ] = None,
) -> int:
    """Run policy tests, which are written as data in files called *.test.toml.

    They need no database. The exit code is 1 if one fails.
    """
    from gridmask.policies.testing import running

    found = running.found(paths or [_directory(session, None)])
    outcomes = []
    for outcome in running.run(found, session.settings.types(), policies, name):
        outcomes.append(outcome)
        if not session.out.as_json:  # one after the other: there may be very many
            session.out.show(dict, *outcome.lines())
    if junit is not None:
        _write_junit(junit, outcomes)
    failed = sum(not outcome.passed for outcome in outcomes)
    told = {"passed": len(outcomes) - failed, "failed": failed, "tests": [outcome.told() for outcome in outcomes]}
    session.out.show(lambda: told, f"{count(outcomes, 'test')}, {failed:,} failed." if outcomes else "There is no test.")
    return 1 if failed or not outcomes else 0


def _write_junit(file: Path, outcomes: Sequence[Outcome]) -> None:
    from gridmask import junit
    from gridmask.domain.errors import InvalidRequest

    body = junit.document(outcome.case() for outcome in outcomes)
    try:
        file.write_bytes(body)
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be written: {error.strerror or error}") from error


@command(app, "list")
async def list_(
    session: Session,
    vo: Annotated[
        str | None, typer.Option("--vo", metavar="VO", help="Those that decide for this VO, and only the rows that it reads.")
    ] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=36525, help="Count decisions of so many days.")] = 30,
) -> None:
    """List the policies in force: whose they are, what they govern, what they last said, how often they decided."""
    from gridmask.service.policies import at_work

    async with session.visit() as installation:
        policies = installation.inspector.policies
        of = None if vo is None else await installation.vos.resolve(vo)
        work = await at_work(installation.database, policies, installation.clock() - timedelta(days=days), of)
    columns = ("layer", "policy", "type", "state", "rows", "last verdicts", "decides", f"decided in {days} d", "flaps", "match")
    lines = [_record(record, of) for record in work.records]
    told = {
        "revision": policies.revision,
        "vo": of,
        "days": days,
        "counted_since": work.since,
        "counted_whole": work.is_whole,
        "policies": [*map(_recorded, work.records)],
    }
    # of what is beyond counting, the newest is enough to see who decides
    less = (
        []
        if work.is_whole
        else [f"There are so many decisions that only those since {words.moment(work.since)} UTC were counted."]
    )
    session.out.show(lambda: told, table(columns, lines, right=("decides", columns[-2])), *less)


@command(app, "rules")
async def rules(session: Session) -> None:
    """List the rules that policies can have as their type, with their arguments: those built in, and those of plug-ins."""
    from gridmask.policies import catalogue as rule_catalogue

    found = rule_catalogue.rules()
    lines = [
        (*(head if not number else ("", "")), *argument)
        for rule in found
        for head in [(rule.name, rule.package or "built in")]
        for number, argument in enumerate(_arguments(rule))
    ]
    told = {"rules": [asdict(rule) for rule in found]}
    session.out.show(lambda: told, table(("rule", "from", "argument", "type", "default", "meaning"), lines))


def _arguments(rule: Described) -> list[tuple[str, str, str, str]]:
    if rule.problem:
        return [("", "", "", rule.problem)]
    required = "required"
    return [(a.name, a.type, a.default or required, a.meaning) for a in rule.arguments] or [("", "", "", rule.summary)]


def _directory(session: Session, given: Path | None) -> Path:
    from gridmask.domain.errors import InvalidRequest

    found = given or session.settings.policies
    if found is None:
        raise InvalidRequest("Which policies? The settings name no directory of policy files; give one.")
    return found


async def _kept(session: Session) -> tuple[Text, ...]:
    """The layers of VOs that keep them by the API; none, where the database does not answer."""
    from gridmask.domain.errors import StoreError
    from gridmask.service.policy_layers import stored

    session.log("error")
    try:
        return await stored(session.settings)
    except StoreError as error:
        session.out.note(f"The policies that are kept by the API are left out: {error}")
        return ()


async def _known(session: Session, file: Path | None) -> Known:
    """What is known of the installation; without an inventory, where there is none or the database does not answer."""
    from gridmask.domain.vo import VoRegistry
    from gridmask.policies.check import Known

    settings = session.settings
    inventory = _inventory_in(file, session) if file else await _inventory_of_database(session)
    registry, types, sources = settings.vo_registry(), settings.types(), None
    if session.config is not None and settings.source:
        sources = frozenset(source.name for source in settings.source)
    if inventory is not None:
        registry, types = registry.with_names(inventory.vos), inventory.types
    return Known(types, VoRegistry(registry.names, registry.aliases), sources, inventory)


def _inventory_in(file: Path, session: Session) -> Inventory:
    from gridmask.domain.errors import InvalidConfiguration
    from gridmask.inventory import toml
    from gridmask.policies.governance import Inventory

    types = session.settings.types()
    try:
        published = toml.read(file.read_bytes(), str(file), types)
    except OSError as error:
        raise InvalidConfiguration(str(file), error.strerror or "cannot be read") from error
    registry = session.settings.vo_registry()
    published = published.resolving(registry.aliases)
    vos = registry.with_names(published.vos).names
    return Inventory(tuple(published.elements.values()), types.with_types(*published.types), vos)


async def _inventory_of_database(session: Session) -> Inventory | None:
    from gridmask.domain.errors import StoreError
    from gridmask.service.policies import inventory_in

    session.log("error")
    try:
        return await inventory_in(session.settings)
    except StoreError as error:
        session.out.note(f"Rows are not counted: {error}")
        return None


def line(problem: Problem) -> str:
    """``problem`` as editors understand it."""
    kind = "error" if problem.is_error else "warning"
    key = f"{problem.key}: " if problem.key else ""
    return f"{problem.place}: {kind}: {key}{problem.text}"


def _verdict(checked: Checked, policies: PolicySet, known: Known) -> str:
    counts = f"{count(checked.errors, 'error')}, {count(checked.warnings, 'warning')}"
    if checked.errors:
        return f"{counts}. These files would be refused; what is in force would stay."
    without = "" if known.inventory else " Without an inventory: which rows they govern was not looked at."
    return f"{counts}. {count(policies.policies, 'policy', 'policies')}, revision {policies.revision[:12]}.{without}"


def count(things: Sized, one: str, many: str = "") -> str:
    """How many ``things`` there are, in words."""
    return f"{len(things):,} {one if len(things) == 1 else many or f'{one}s'}"


def _governed(policies: PolicySet, counted: Governance) -> Table:
    lines = [(p.layer, p.name, _type(p), _state(p), _by_vo(counted.of(p), p.layer)) for p in policies.policies]
    return table(("layer", "policy", "type", "state", "rows"), lines)


_FEW = 4


def _by_vo(rows: Mapping[str, int], layer: str, of: str | None = None) -> str:
    """How many rows there are of each VO; of very many alike, only of some."""
    if layer != ALL or of is not None:
        return f"{rows.get(of or layer, 0):,}"
    listed = sorted(rows.items(), key=lambda item: (item[0] != ALL, item[0]))
    more = f" and {len(listed) - _FEW:,} more" if len(listed) > _FEW else ""
    return (", ".join(f"{name} {count:,}" for name, count in listed[:_FEW]) or "0") + more


def _record(record: Record, of: str | None) -> tuple[str, ...]:
    policy = record.policy
    said = ", ".join(f"{status.label} {count:,}" for status, count in record.verdicts.items()) or "-"
    rows = _by_vo(record.rows, policy.layer, of)
    own = (policy.layer, policy.name, _type(policy), _state(policy), rows, said)
    return (*own, f"{record.decides:,}", f"{record.decided:,}", f"{record.flaps:,}", _matched(policy))


def _recorded(record: Record) -> dict[str, Any]:
    return {
        **_told(record.policy),
        "rows": record.rows,
        "verdicts": {status.label: count for status, count in record.verdicts.items()},
        "decides": record.decides,
        "decided": record.decided,
        "flaps": record.flaps,
    }


def _matched(policy: Policy) -> str:
    return ", ".join(f"{key}={'|'.join(values)}" for key, values in policy.match.patterns) or "all"


def _checked(checked: Checked, policies: PolicySet) -> dict[str, Any]:
    return {
        "ok": not checked.errors,
        "revision": None if checked.errors else policies.revision,
        "errors": [*map(_problem, checked.errors)],
        "warnings": [*map(_problem, checked.warnings)],
        "policies": [{**_told(p), "rows": checked.governance.of(p) if checked.governance else None} for p in policies.policies],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"file": problem.file, "line": problem.line, "key": problem.key, "text": problem.text}


def _type(policy: Policy) -> str:
    from gridmask.policies.files import type_of

    return type_of(policy.rule)


def _state(policy: Policy) -> str:
    return "off" if not policy.enabled else "advisory" if policy.advisory else "on"


def _told(policy: Policy) -> dict[str, Any]:
    return {
        "layer": policy.layer,
        "name": policy.name,
        "type": _type(policy),
        "match": dict(policy.match.patterns),
        "advisory": policy.advisory,
        "enabled": policy.enabled,
        "on_missing": policy.on_missing,
    }
