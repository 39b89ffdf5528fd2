"""Checks policy files: what is wrong with them, and what is right but can hardly be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.element import TypeRegistry
from gridmask.domain.matching import DYNAMIC_KEYS, NOT, agrees, matches
from gridmask.domain.policy import Policy, PolicySet
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import ALL, VoRegistry
from gridmask.policies.governance import Field, Governance, Inventory, governance, voting

if TYPE_CHECKING:
    from gridmask.policies.files import Draft
    from gridmask.policies.layers import Location, Problem, Written


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an installation besides its policies.

    Attributes:
        types: its element types.
        vos: the VOs that the settings declare, or that exist.
        sources: the names of its sources; None: not known.
        inventory: what there is; None: not known.
    """

    types: TypeRegistry
    vos: VoRegistry
    sources: frozenset[str] | None = None
    inventory: Inventory | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    Attributes:
        errors: for what the files are refused.
        warnings: what can hardly be meant.
        governance: how many rows each policy governs; None: there are errors, or there is no inventory.
    """

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    governance: Governance | None = None


def check(draft: Draft, known: Known) -> Checked:
    """What is wrong with ``draft``, and what can hardly be meant in an installation of which this much is ``known``."""
    field = None if known.inventory is None else Field(draft.policies, known.inventory)
    of_match = [warning for policy in _enabled(draft) for warning in _Matching(draft, policy, known).warnings()]
    of_layers = [warning for layer in draft.layers.written for warning in _Layer(draft, layer, known.vos, field).warnings()]
    counted = None
    if known.inventory is not None and field is not None and not draft.problems:
        counted = governance(draft.policies, known.inventory, field)
        of_layers += _idle(draft, counted, field, {(warning.file, warning.key) for warning in of_match})
    found = sorted({*of_match, *of_layers}, key=lambda warning: (warning.file, warning.line or 0, warning.key))
    return Checked(draft.problems, tuple(found), counted)


def _enabled(draft: Draft) -> list[Policy]:
    return [policy for policy in draft.policies.policies if policy.enabled]


class _Matching:
    """What can hardly be meant in a policy's match. The values of most keys are open, so these are warnings only."""

    def __init__(self, draft: Draft, policy: Policy, known: Known) -> None:
        self._written = draft.layers.written[policy.layer]
        self._policy = policy
        self._known = known

    def warnings(self) -> Iterator[Problem]:
        if "match" in self._written.tables.get(self._policy.name, {}):
            for key, patterns in self._policy.match.patterns:
                if (possible := self._possible(key)) is not None:
                    yield from self._strange(key, patterns, possible)
            yield from self._of_others()

    def _possible(self, key: str) -> frozenset[str] | None:
        """The values that ``key`` is known to have; None: they are not known."""
        types = self._known.types.by_name.values()
        match key:
            case "type":
                return frozenset(type_.name for type_ in types)
            case "category":
                return frozenset(type_.category for type_ in types)
            case "status_type":
                return frozenset(status_type for type_ in types for status_type in type_.status_types)
            case "vo":
                return self._known.vos.names | {ALL} if self._known.vos.names else None
            case "source":
                return self._known.sources
        return None

    def _strange(self, key: str, patterns: Iterable[str], possible: frozenset[str]) -> Iterator[Problem]:
        for position, pattern in enumerate(patterns):
            plain = pattern.removeprefix(NOT)
            if not any(matches(plain, value) for value in possible):
                near = suggest(plain, possible)
                hint = f"did you mean {near!r}?" if near else f"there are {_few(possible)}"
                told = f"{plain!r} is no {key} that is known here; {hint}"
                if key == "vo" and plain in self._known.vos.aliases:
                    told = f"{plain!r} is another name of {self._known.vos.aliases[plain]!r}; write that"
                yield self._warning(key, told, position)

    def _of_others(self) -> Iterator[Problem]:
        layer, patterns = self._policy.layer, dict(self._policy.match.patterns).get("vo")
        if layer != ALL and patterns is not None and not agrees(patterns, layer):
            yield self._warning("vo", f"the policies of {layer} are about its own rows alone, and this leaves none of them")

    def _warning(self, key: str, text: str, *position: int) -> Problem:
        path: Location = ("policy", self._policy.name, "match", key, *position)
        return self._written.problem(path if self._written.lines.has(path) else path[:4], text, is_error=False)


class _Layer:
    """What can hardly be meant in a VO's layer as a whole."""

    def __init__(self, draft: Draft, vo: str, vos: VoRegistry, field: Field | None) -> None:
        self._written: Written = draft.layers.written[vo]
        self._general = {policy.name: policy for policy in draft.policies.policies if policy.layer == ALL}
        self._own = [policy for policy in draft.policies.policies if policy.layer == vo]
        self._policies = draft.policies
        self._vo = vo
        self._vos = vos
        self._field = field

    def warnings(self) -> Iterator[Problem]:
        if self._vo == ALL:
            return
        yield from self._nobodys()
        lost = self._may_be_lost() if self._field is None else self._lost(self._field)
        for policy, text in lost:
            yield self._written.problem(("policy", policy.name, "match"), text, is_error=False)
        yield from self._may_be_bare() if self._field is None else self._bare(self._field)

    def _nobodys(self) -> Iterator[Problem]:
        vos = self._vos
        if self._vo in vos.aliases:
            told = f"{self._vo!r} is another name of {vos.aliases[self._vo]!r}; nobody is judged by this file under that name"
            yield self._written.problem((), told, is_error=False)
        elif vos.names and self._vo not in vos.names:
            near = suggest(self._vo, vos.names)
            hint = f"did you mean {near!r}?" if near else f"declare it in the settings: [vo.{self._vo}]"
            yield self._written.problem((), f"no VO {self._vo!r} is known here; {hint}", is_error=False)

    def _rematched(self) -> Iterator[tuple[Policy, Policy]]:
        """Policies of the installation that are overridden with another match, each with what overrides it."""
        for policy in self._own:
            general = self._general.get(policy.name)
            if general is not None and policy.enabled and general.enabled and general.match != policy.match:
                yield general, policy

    def _may_be_lost(self) -> Iterator[tuple[Policy, str]]:
        for _, policy in self._rematched():
            yield policy, f"{_REPLACES} what it leaves out is without this policy for {self._vo}"

    def _lost(self, field: Field) -> Iterator[tuple[Policy, str]]:
        for general, policy in self._rematched():
            if lost := field.lost(self._vo, general, policy):
                yield policy, f"{_REPLACES} {_rows(lost)} of {self._vo} that the installation's governs are without it"

    def _bare(self, field: Field) -> Iterator[Problem]:
        installation = PolicySet(tuple(self._general.values()))
        both = zip(field.governed(self._vo, self._policies), field.governed(self._vo, installation), strict=True)
        bare = sum(count for (own, count), (general, _) in both if voting(general) and not voting(own))
        if bare:
            told = f"this layer leaves {_rows(bare)} of {self._vo} with no policy that decides: {_UNKNOWN}"
            yield self._written.problem((), told, is_error=False)

    def _may_be_bare(self) -> Iterator[Problem]:
        """Without an inventory: where what governed everything does no more, and nothing else does."""
        everything = [policy for policy in voting(self._policies.effective(ALL)) if _always_applies(policy)]
        left = voting(self._policies.effective(self._vo))
        if everything and not any(_always_applies(policy) for policy in left):
            what = "some rows" if left else "every row"
            told = f"this layer may leave {what} of {self._vo} with no policy that decides: {_UNKNOWN}"
            yield self._written.problem((), told, is_error=False)


_REPLACES = "this match takes the place of the installation's, it does not add to it:"
_UNKNOWN = "they will be Unknown, which is not usable. Add a policy that governs them"


def _always_applies(policy: Policy) -> bool:
    return not policy.match.patterns


def _idle(draft: Draft, counted: Governance, field: Field, told: set[tuple[str, str]]) -> list[Problem]:
    """Policies that govern no row at all. Those about whose match something was ``told`` already, that is why."""
    found = []
    for policy in _enabled(draft):
        written = draft.layers.written[policy.layer]
        path: Location = ("policy", policy.name, "match")
        known = any(file == written.file and key.startswith(f"policy.{policy.name}.match.") for file, key in told)
        if policy.match.patterns and not counted.of(policy) and not known:
            found.append(_Idle(policy, field).problem(written, path))
    bare = counted.ungoverned.get(ALL, 0)
    if bare:
        text = f"no policy that decides governs {_rows(bare)} of the {counted.total[ALL]:,} of {ALL}: {_UNKNOWN}"
        found.append(draft.layers.written[ALL].problem((), text, is_error=False))
    return found


class _Idle:
    """Why a policy governs nothing: most often it is a slip in one of its patterns."""

    def __init__(self, policy: Policy, field: Field) -> None:
        self._policy = policy
        self._values = field.values

    def problem(self, written: Written, path: Location) -> Problem:
        for key, patterns in self._policy.match.patterns:
            if key not in DYNAMIC_KEYS and not any(agrees(patterns, value) for value in self._there(key)):
                told = f"no row agrees with {_said(patterns)}{self._hint(key, patterns)}"
                return written.problem((*path, key), told, is_error=False)
        told = "this governs no row: some agree with each of its keys, but none with all of them"
        return written.problem(path, told if self._values["name"] else "this governs no row: there is none", is_error=False)

    def _there(self, key: str) -> Iterable[str | Iterable[str]]:
        """The values of ``key`` that there are."""
        return {self._policy.layer} if key == "vo" and self._policy.layer != ALL else self._values[key]

    def _hint(self, key: str, patterns: Iterable[str]) -> str:
        there = frozenset(member for value in self._there(key) for member in _members(value)) - {""}
        near = next((near for pattern in patterns if (near := suggest(pattern.strip(f"{NOT}*?"), there))), None)
        return f"; did you mean {near!r}?" if near else f"; there are {_few(there)}" if there else ""


def _members(value: str | Iterable[str]) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value


def _said(patterns: Iterable[str]) -> str:
    return " or ".join(map(repr, patterns))


_FEW = 8


def _few(names: Iterable[str]) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - _FEW:,} more" if len(listed) > _FEW else ""
    return ", ".join(map(repr, listed[:_FEW])) + more


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
