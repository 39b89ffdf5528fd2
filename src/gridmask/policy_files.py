"""Policy files: TOML in, a :class:`~gridmask.domain.policy.PolicySet` out.

The directory holds ``all.toml``, the installation's layer, and ``vo/NAME.toml``, a VO's. A policy is a table
``[policy.NAME]``; what a layer writes about a policy of the layer below replaces just that.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BeforeValidator, Field, create_model

from gridmask.documents import Duration, Strict, parse, validated
from gridmask.domain.downtime import Impact
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest, NotKnown, suggest
from gridmask.domain.matching import KEYS, Match
from gridmask.domain.policy import OnMissing, Policy, PolicySet, Rule
from gridmask.domain.status import Status
from gridmask.domain.transition import DEFAULT_EXIT, ProbingExit
from gridmask.domain.vo import ALL, canonical
from gridmask.rules import BUILT_IN

if TYPE_CHECKING:
    from pathlib import Path


def _patterns(value: object) -> tuple[str, ...]:
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(pattern, str) for pattern in listed):
        raise ValueError("write a pattern, or a list of patterns")
    return tuple(listed)


Patterns = Annotated[tuple[str, ...], BeforeValidator(_patterns)]
Document = dict[str, Any]

DEFAULTS: Document = {"policy": {"declared-downtimes": {"type": "downtime"}}}
"""The layer below all: what a fresh installation does."""


class PolicyTable(Strict):
    """``[policy.NAME]``."""

    type: str = Field(description="The rule: `downtime` or `always`.")
    match: dict[str, Patterns] = Field({}, description="Patterns by key; all keys must agree, in each one of the patterns.")
    arguments: dict[str, Any] = Field({}, description="What the rule wants to know.")
    advisory: bool = Field(default=False, description="Record its verdicts, but let them decide nothing.")
    enabled: bool = Field(default=True, description="False switches it off; in a VO's file, for that VO alone.")
    on_missing: OnMissing = Field(OnMissing.HOLD, description="What it says when its evidence is gone: `hold` or `unknown`.")


class ProbingTable(Strict):
    """``[probing]``: when a row may leave Probing."""

    dwell: Duration = Field(DEFAULT_EXIT.dwell, description="How long verdicts must have been good without a break.")
    checks: int = Field(DEFAULT_EXIT.checks, ge=1, description="How many good verdicts in a row there must have been.")
    spacing: Duration = Field(DEFAULT_EXIT.spacing, description="How far apart two verdicts must be for both to count.")


class PolicyDocument(Strict):
    """A policy file."""

    policy: dict[str, PolicyTable] = Field({}, description="The policies, by name.")
    probing: ProbingTable = ProbingTable()


def load(directory: Path | None) -> tuple[PolicySet, Document]:
    """The policies in ``directory`` on top of the defaults, and the document that they amount to; None: the defaults alone.

    Raises:
        InvalidConfiguration: something in one of the files is wrong; none of them counts then.
    """
    document, places = _read(directory) if directory else ({ALL: DEFAULTS}, {ALL: "the default policies"})
    return compiled(document, places), document


def compiled(document: Document, places: Mapping[str, str]) -> PolicySet:
    """The policies that ``document`` amounts to: a layer's tables by VO, what it overrides filled in.

    Args:
        document: as :func:`load` gives it.
        places: where each layer was read from, for errors.

    Raises:
        InvalidConfiguration: something in it is wrong.
    """
    layers = {layer: validated(PolicyDocument, written, places[layer]) for layer, written in document.items()}
    written = [(layer, name, table) for layer, checked in layers.items() for name, table in checked.policy.items()]
    policies = (_policy(name, table, layer, places[layer]) for layer, name, table in written)
    return PolicySet(tuple(policies), _revision(document), ProbingExit(**dict(layers[ALL].probing)))


def _revision(document: Document) -> str:
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()


def _read(directory: Path) -> tuple[Document, dict[str, str]]:
    """What the files in ``directory`` amount to, and where each layer was read from."""
    place, written, vos = _files(directory)
    installation = {**written, "policy": _overridden(DEFAULTS["policy"], _tables(written, place), place)}
    layers = {vo: _of_vo(document, installation, where) for vo, (where, document) in vos.items()}
    return {ALL: installation, **layers}, {ALL: place, **{vo: where for vo, (where, _) in vos.items()}}


def _files(directory: Path) -> tuple[str, Document, dict[str, tuple[str, Document]]]:
    """The installation's file, and those of VOs by canonical name."""
    if not directory.is_dir():
        raise InvalidConfiguration(str(directory), "there is no such directory of policy files")
    strays = [path for path in directory.iterdir() if path.suffix == ".toml" and path.name != f"{ALL}.toml"]
    if strays:
        raise InvalidConfiguration(str(strays[0]), f"only {ALL}.toml belongs here; a VO's policies belong in vo/NAME.toml")
    main = directory / f"{ALL}.toml"
    vos = _of_vos(sorted(directory.glob("vo/*.toml")))
    written = _document(main) if main.exists() else {}
    return str(main), written, {vo: (str(path), _document(path)) for vo, path in vos.items()}


def _of_vos(paths: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        vo = _named(path)
        if vo == ALL:
            raise InvalidConfiguration(str(path), f"{ALL!r} is no VO; its policies belong in {ALL}.toml one level up")
        if vo in found:
            raise InvalidConfiguration(str(path), f"the policies of {vo} are in {found[vo]} already")
        found[vo] = path
    return found


def _named(path: Path) -> str:
    """The VO whose file ``path`` is."""
    try:
        return canonical(path.stem)
    except InvalidRequest as error:
        raise InvalidConfiguration(str(path), str(error)) from error


def _document(path: Path) -> Document:
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise InvalidConfiguration(str(path), error.strerror or "cannot be read") from error


def _of_vo(document: Document, installation: Document, place: str) -> Document:
    """A VO's layer, with what it leaves unsaid about the installation's policies filled in."""
    if "probing" in document:
        raise InvalidConfiguration(place, "probing: belongs into the installation's file; it is the same for all VOs")
    tables = _tables(document, place)
    merged = _overridden(installation["policy"], tables, place)
    return {**document, "policy": {name: merged[name] for name in tables}}


def _tables(document: Document, place: str) -> dict[str, Document]:
    """The policies that ``document`` writes down. What is in their tables is not checked yet."""
    tables = document.get("policy", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise InvalidConfiguration(place, "policy: write each policy as a table, [policy.NAME]")
    return tables


def _overridden(below: Mapping[str, Document], tables: Mapping[str, Document], place: str) -> Document:
    """The policies ``below``, with what ``tables`` say of them replaced, and those that ``tables`` add."""
    merged = dict(below)
    for name, table in tables.items():
        if name not in below and "type" not in table:
            near = suggest(name, below)
            hint = f"did you mean {near!r}?" if near else "a new one needs a type."
            raise InvalidConfiguration(place, f"policy.{name}: there is no such policy to override; {hint}")
        old = below.get(name, {})
        arguments, before = table.get("arguments", {}), old.get("arguments", {})
        same_rule = table.get("type", old.get("type")) == old.get("type")
        if same_rule and isinstance(arguments, dict) and isinstance(before, dict):
            arguments = {**before, **arguments}
        merged[name] = {**old, **table, "arguments": arguments}
    return merged


def _policy(name: str, table: PolicyTable, layer: str, place: str) -> Policy:
    where = f"{place}: policy.{name}"
    return Policy(
        name,
        rule(table.type, table.arguments, where),
        _match(table.match, f"{where}.match"),
        layer,
        advisory=table.advisory,
        enabled=table.enabled,
        on_missing=table.on_missing,
    )


def _match(patterns: Mapping[str, Patterns], where: str) -> Match:
    for key in patterns:
        if key not in KEYS:
            near = suggest(key, KEYS)
            raise InvalidConfiguration(
                where, f"{key}: " + (f"did you mean {near!r}?" if near else f"allowed are {', '.join(KEYS)}")
            )
    if "vo" in patterns:
        # names of VOs have one canonical form, in lower case
        patterns = {**patterns, "vo": tuple(pattern.casefold() for pattern in patterns["vo"])}
    return Match.of(**patterns)


def rule(kind: str, arguments: Mapping[str, Any], where: str) -> Rule:
    """The rule called ``kind`` with these arguments.

    Raises:
        InvalidConfiguration: there is no such rule, or an argument is not what it wants.
    """
    if kind not in BUILT_IN:
        near = suggest(kind, BUILT_IN)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(BUILT_IN))}"
        raise InvalidConfiguration(where, f"type: there is no rule {kind!r}; {hint}")
    made = BUILT_IN[kind]
    return made(**dict(validated(_arguments_of(made), dict(arguments), f"{where}.arguments")))


def _arguments_of(made: type[Rule]) -> type[Strict]:
    """The table of arguments that a rule's fields make, as people write them: statuses by name, durations with a unit."""
    hints = get_type_hints(made)
    fields = {}
    for field in dataclasses.fields(made):  # type: ignore[arg-type]  # rules are dataclasses
        fields[field.name] = (_written(hints[field.name]), _default(field))
    return create_model(f"{made.__name__}Arguments", __base__=Strict, **fields)  # type: ignore[call-overload,no-any-return]


def _default(field: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - of any type
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return ... if field.default is dataclasses.MISSING else field.default


def _written(hint: Any) -> Any:  # noqa: ANN401 - any type annotation
    """The type that accepts what people write for ``hint``."""
    if hint is Status:
        return Annotated[Status, BeforeValidator(_status)]
    if hint is Impact:
        return Annotated[Impact, BeforeValidator(_impact)]
    if hint is timedelta:
        return Duration
    if get_origin(hint) is Mapping:
        return dict[str, _written(get_args(hint)[1])]  # type: ignore[misc]  # made at run time
    return hint


def _status(value: object) -> Status:
    there_are = f"There are {', '.join(s.label for s in Status)}."
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not the name of a status. {there_are}")  # noqa: TRY004 - what pydantic understands
    try:
        return Status.parse(value)
    except NotKnown as error:
        raise ValueError(f"{error} {there_are}") from error


def _impact(value: object) -> object:
    if isinstance(value, str) and value.upper() in Impact.__members__:
        return Impact[value.upper()]
    raise ValueError(f"{value!r} is none of {', '.join(Impact.__members__)}")
