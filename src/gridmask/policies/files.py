"""Policy files: TOML in, a :class:`~gridmask.domain.policy.PolicySet` out.

The directory holds ``all.toml``, the installation's layer, and ``vo/NAME.toml``, a VO's. A policy is a table
``[policy.NAME]``; what a layer writes about a policy of the layer below replaces just that.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from pydantic import Field

from gridmask import extensions
from gridmask.documents import Duration, Strict, validated
from gridmask.domain.automation import Mode
from gridmask.domain.element import NODE, RESOURCE, SITE
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.matching import DYNAMIC_KEYS, KEYS, NOT, Match, matches
from gridmask.domain.policy import OnMissing, OwnEvidence, Policy, PolicySet, Rule
from gridmask.domain.spelling import suggest
from gridmask.domain.status import Status
from gridmask.domain.transition import DEFAULT_EXIT, ProbingExit
from gridmask.domain.vo import ALL
from gridmask.policies import layers as policy_layers
from gridmask.policies.arguments import Patterns, arguments_of, made_of
from gridmask.policies.layers import UNWRITTEN, Document, Layers, Location, Problem, Text, Written
from gridmask.policies.safeguards import Confirm, DampingTable, GuardTable, TokensTable
from gridmask.rules import BUILT_IN, name_of

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
Flaws = list[tuple[Location, str]]
"""What is wrong, each with where."""

_MOST_PROBLEMS = 10


class PolicyTable(Strict):
    """``[policy.NAME]``."""

    type: str = Field(description="The rule: one of [those below](#rules).")
    match: dict[str, Patterns] = Field(
        {}, description="Patterns by key. All keys must agree: one of the patterns must, and none after a `!`."
    )
    arguments: dict[str, Any] = Field({}, description="What the rule wants to know.")
    advisory: bool = Field(default=False, description="Record its verdicts, but let them decide nothing.")
    enabled: bool = Field(default=True, description="False switches it off; in a VO's file, for that VO alone.")
    on_missing: OnMissing = Field(OnMissing.HOLD, description="What it says when its evidence is gone: `hold` or `unknown`.")
    confirm: Confirm = Field(
        "1 of 1",
        validate_default=True,
        description="What it takes to change its verdict: `n of m` checks, or these apart as `worse` and `better`.",
    )


class ProbingTable(Strict):
    """``[probing]``: when a row may leave Probing."""

    dwell: Duration = Field(DEFAULT_EXIT.dwell, description="How long verdicts must have been good without a break.")
    checks: int = Field(DEFAULT_EXIT.checks, ge=1, description="How many good verdicts in a row there must have been.")
    spacing: Duration = Field(DEFAULT_EXIT.spacing, description="How far apart two verdicts must be for both to count.")
    validated_by: Patterns = Field(
        DEFAULT_EXIT.validated_by, description="Patterns of the probes whose `OK` frees at once; without any, none does."
    )


class AutomationTable(Strict):
    """``[automation]``: how far automation goes where nothing else was decided about an element."""

    mode: Mode = Field(
        Mode.FULL,
        description="`full`; `exclude-only`: what it excludes, a person frees; `observe-only`: it says what it would do, and "
        "changes nothing; `off`: it judges nothing.",
    )


class EvidenceTable(Strict):
    """``[[evidence]]``: in a VO's file, where it has rows of its own because a source observes something for it alone."""

    source: str = Field(description="The source, for those who read this.")
    match: dict[str, Patterns] = Field(
        {}, description="Patterns by key, as those of policies; but for what changes with a row."
    )


class PolicyDocument(Strict):
    """A policy file."""

    policy: dict[str, PolicyTable] = Field({}, description="The policies, by name.")
    probing: ProbingTable = ProbingTable()
    guard: GuardTable = GuardTable()
    damping: DampingTable = DampingTable()
    tokens: TokensTable = TokensTable()
    automation: AutomationTable | None = None
    evidence: tuple[EvidenceTable, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """What policy files amount to, whether or not they can be put into force.

    Attributes:
        policies: those in which nothing is wrong.
        document: what they were read from, by layer.
        layers: who wrote what where.
        problems: what is wrong, all of it, in the order in which it is written.
    """

    policies: PolicySet
    document: Document
    layers: Layers
    problems: tuple[Problem, ...]


def load(
    directory: Path | None, managed_by_api: Collection[str] = (), texts: Iterable[Text] = ()
) -> tuple[PolicySet, Document]:
    """The policies in ``directory`` on top of the defaults, and the document that they amount to; None: the defaults alone.

    ``managed_by_api`` are the VOs that have their policies elsewhere: they may have no file. ``texts`` are what is there.

    Raises:
        InvalidConfiguration: something in one of the files is wrong; none of them counts then.
    """
    made = draft(directory, managed_by_api, texts)
    if made.problems:
        raise _refusal(made.problems)
    return made.policies, made.document


def draft(directory: Path | None, managed_by_api: Collection[str] = (), texts: Iterable[Text] = ()) -> Draft:
    """The same as :func:`load` gives, with all that is wrong in place of an error.

    Raises:
        InvalidConfiguration: there is no such directory.
    """
    layers = policy_layers.read(directory, managed_by_api) if directory else UNWRITTEN
    return drafted(reduce(policy_layers.with_text, texts, layers))


def drafted(layers: Layers) -> Draft:
    """What ``layers`` amount to."""
    making = _Making(layers.written)
    policies = making.policies(layers.document)
    found = sorted({*layers.problems, *making.problems()}, key=lambda problem: (problem.file, problem.line or 0, problem.key))
    return Draft(policies, layers.document, layers, tuple(found))


def compiled(document: Document, places: Mapping[str, str]) -> PolicySet:
    """The policies that ``document`` amounts to: a layer's tables by VO, what it overrides filled in.

    Args:
        document: as :func:`load` gives it.
        places: where each layer was read from, for errors.

    Raises:
        InvalidConfiguration: something in it is wrong.
    """
    making = _Making({layer: Written(place) for layer, place in places.items()})
    policies = making.policies(document)
    if problems := making.problems():
        raise _refusal(problems)
    return policies


def _refusal(problems: Collection[Problem]) -> InvalidConfiguration:
    first, *others = problems
    more = [f"and {len(others) - _MOST_PROBLEMS:,} more"] if len(others) > _MOST_PROBLEMS else []
    said = f"{first.key}: {first.text}" if first.key else first.text
    return InvalidConfiguration(first.place, "; ".join([said, *map(str, others[:_MOST_PROBLEMS]), *more]))


def _revision(document: Document) -> str:
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()


class _Making:
    """Makes policies of a document, and goes on where something is wrong, to tell all of it."""

    def __init__(self, written: Mapping[str, Written]) -> None:
        self._written = written
        self._found: dict[str, Flaws] = {}

    def policies(self, document: Document) -> PolicySet:
        made: list[Policy] = []
        whole = PolicyDocument()
        automation: dict[str, Mode] = {}
        own: list[OwnEvidence] = []
        for layer, told in document.items():
            flaws = self._found[layer] = []
            top = _noting(flaws, (), partial(validated, PolicyDocument, {**told, "policy": {}}, ""))
            whole = top if layer == ALL and top is not None else whole
            if top is not None and top.automation is not None:
                automation[layer] = top.automation.mode
            for number, declared in enumerate(top.evidence if top is not None else ()):
                match = _noting(flaws, ("evidence", number, "match"), partial(_static_match, declared.match))
                own.extend([OwnEvidence(layer, declared.source, match)] if match is not None else [])
            for name, table in told["policy"].items():
                policy = _noting(flaws, ("policy", name), partial(_policy, name, table, layer))
                made.extend([policy] if policy is not None else [])
        if len({reach for policy in made if (reach := getattr(policy.rule, "reach", None)) is not None}) > 1:
            told = "sites cannot follow their resources while resources follow their sites: they would chase each other"
            self._found.setdefault(ALL, []).append((("policy",), told))
        probing = ProbingExit(**dict(whole.probing))
        return PolicySet(
            tuple(made),
            _revision(document),
            probing,
            whole.guard.guard(),
            whole.damping.damping(),
            whole.tokens.custom(),
            automation,
            tuple(own),
        )

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong. What a VO's layer only takes over is told of the installation's alone."""
        general = self._found.get(ALL, [])
        return tuple(
            self._written[layer].problem(path, text)
            for layer, found in self._found.items()
            for path, text in found
            if layer == ALL or (path, text) not in general or self._written[layer].lines.has(path)
        )


def _noting(flaws: Flaws, at: Location, make: Callable[[], T]) -> T | None:
    """What ``make`` makes; what is wrong with it is added to ``flaws``, seen from ``at``."""
    try:
        return make()
    except InvalidConfiguration as error:
        flaws.extend(((*at, *path), text) for path, text in error.details)
        return None


def _policy(name: str, written: Document, layer: str) -> Policy:
    """The policy that ``written`` describes.

    Raises:
        InvalidConfiguration: something in it is wrong; its details count from the policy's table.
    """
    flaws: Flaws = []
    table = _noting(flaws, (), partial(validated, PolicyTable, written, ""))
    kind, arguments = written.get("type"), written.get("arguments", {})
    readable = isinstance(kind, str) and isinstance(arguments, dict)
    made = _noting(flaws, (), partial(rule, str(kind), arguments)) if readable else None
    patterns = _noting([], (), partial(validated, dict[str, Patterns], written.get("match", {}), ""))
    match = _noting(flaws, ("match",), partial(match_of, patterns)) if patterns is not None else None
    if table is None or made is None or match is None:
        raise _wrong(f"policy.{name}", flaws)
    return Policy(
        name,
        made,
        match,
        layer,
        advisory=table.advisory,
        enabled=table.enabled,
        on_missing=table.on_missing,
        confirm=table.confirm,
    )


def _wrong(place: str, flaws: Flaws) -> InvalidConfiguration:
    return InvalidConfiguration(place, "; ".join(text for _, text in flaws), flaws)


_CLOSED: Mapping[str, tuple[str, ...]] = {"family": (SITE, RESOURCE, NODE), "status": tuple(s.label for s in Status)}
"""Match keys of which all possible values are known."""

_AT_DIRAC = {"element": "family", "elementtype": "type", "statustype": "status_type", "tokenowner": "token_owner"}
"""What match keys are called in DIRAC's configuration."""


def match_of(patterns: Mapping[str, tuple[str, ...]]) -> Match:
    """The match that ``patterns`` by key describe.

    Raises:
        InvalidConfiguration: there is no such key, or nothing can ever agree; its details say which.
    """
    flaws: Flaws = [((key,), _no_match_key(key)) for key in patterns if key not in KEYS]
    for key, possible in _CLOSED.items():
        written = patterns.get(key, ())
        for position, pattern in enumerate(written):
            if not any(matches(pattern.removeprefix(NOT), value) for value in possible):
                flaws.append(((key, position) if len(written) > 1 else (key,), none_agrees(pattern, possible)))
    if flaws:
        raise _wrong("match", flaws)
    if "vo" in patterns:
        # names of VOs have one canonical form, in lower case
        patterns = {**patterns, "vo": tuple(pattern.casefold() for pattern in patterns["vo"])}
    return Match.of(**patterns)


def _static_match(patterns: Mapping[str, tuple[str, ...]]) -> Match:
    flaws: Flaws = [
        ((key,), "changes with the row, so that it cannot say which rows there are") for key in DYNAMIC_KEYS if key in patterns
    ]
    if flaws:
        raise _wrong("match", flaws)
    return match_of(patterns)


def _no_match_key(key: str) -> str:
    near = _AT_DIRAC.get(key.lower()) or suggest(key, KEYS)
    return "there is no such match key; " + (f"did you mean {near!r}?" if near else f"allowed are {', '.join(KEYS)}")


def none_agrees(pattern: str, possible: Iterable[str]) -> str:
    """That ``pattern`` describes none of the ``possible`` values, and what may be meant."""
    known = sorted(set(possible))
    near = suggest(pattern.removeprefix(NOT), known)
    told = f"{pattern.removeprefix(NOT)!r} is none of {', '.join(known)}"
    return told if near is None else f"{told}; did you mean {near!r}?"


def type_of(made: Rule) -> str:
    """What a policy's ``type`` says to get the rule ``made``."""
    return made.kind if isinstance(made, extensions.Shielded) else name_of(made)


def rule(kind: str, arguments: Mapping[str, Any]) -> Rule:
    """The rule called ``kind`` with these arguments.

    Raises:
        InvalidConfiguration: there is no such rule, or an argument is not what it wants. Its details count from the policy's
            table.
    """
    flaws: Flaws = []
    plugged = _noting(flaws, ("type",), partial(extensions.rule_class, kind, BUILT_IN))
    wanted = plugged or BUILT_IN.get(kind)
    if wanted is None and not flaws:
        hint = extensions.not_there(kind, extensions.RULES, BUILT_IN)
        flaws.append((("type",), f"there is no rule {kind!r}; {hint}"))
    made = _noting(flaws, ("arguments",), partial(_made, wanted, arguments)) if wanted and not flaws else None
    if made is None:
        raise _wrong("rule", flaws)
    return extensions.Shielded(kind, made) if plugged else made


def _made(kind: type[Rule], arguments: Mapping[str, Any]) -> Rule:
    given = validated(arguments_of(kind), dict(arguments), "arguments")
    try:
        return made_of(kind, given)
    except ValueError as error:  # what one argument says of another
        raise InvalidConfiguration("arguments", str(error)) from error
