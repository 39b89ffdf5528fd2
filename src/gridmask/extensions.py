"""Plug-ins: what other packages add, by entry points ``gridmask.rules``, ``gridmask.collectors`` and ``gridmask.actions``.

Nothing of a plug-in is loaded before it is used, and one that fails takes nothing down: what it should have said is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, cast

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.policy import Finding, Rule
from gridmask.domain.spelling import suggest

if TYPE_CHECKING:
    from gridmask.domain.policy import Case

RULES = "gridmask.rules"
COLLECTORS = "gridmask.collectors"
ACTIONS = "gridmask.actions"


@lru_cache(maxsize=8)
def found(group: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    """The entry points of ``group`` by name; more than one of a name is a clash, which matters once it is used."""
    by_name: dict[str, tuple[EntryPoint, ...]] = {}
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        by_name[point.name] = (*by_name.get(point.name, ()), point)
    return by_name


def package_of(point: EntryPoint) -> str:
    """The package that ``point`` comes with."""
    return point.dist.name if point.dist else point.module


def load(group: str, name: str, built_in: Mapping[str, object]) -> object | None:
    """What a plug-in calls ``name``; None if none does, and what is built in is meant.

    Raises:
        InvalidConfiguration: it is called as something else, or cannot be loaded.
    """
    points = found(group).get(name, ())
    if not points:
        return None
    packages = " and ".join(package_of(point) for point in points)
    if name in built_in:
        raise InvalidConfiguration(
            group, f"{name!r} is built in, and {packages} has it, too; remove that package, or rename it there"
        )
    if len(points) > 1:
        raise InvalidConfiguration(group, f"{packages} both have {name!r}; remove one of them")
    try:
        made: object = points[0].load()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise InvalidConfiguration(group, f"{name!r} of {packages} ({points[0].value}) cannot be loaded: {told}") from error
    return made


def not_there(name: str, group: str, built_in: Mapping[str, object]) -> str:
    """What is meant by ``name``, perhaps."""
    known = {*built_in, *found(group)}
    near = suggest(name, known)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(known))}"


def rule_class(name: str, built_in: Mapping[str, type[Rule]]) -> type[Rule] | None:
    """The class of the rule that a plug-in calls ``name``; None if none does.

    Raises:
        InvalidConfiguration: see :func:`load`; or it is no rule.
    """
    made = load(RULES, name, built_in)
    if made is None:
        return None
    if not isinstance(made, type) or not dataclasses.is_dataclass(made) or not callable(getattr(made, "assess", None)):
        package = package_of(found(RULES)[name][0])
        raise InvalidConfiguration(RULES, f"{name!r} of {package} is no rule: a dataclass with a method assess(case)")
    return cast("type[Rule]", made)


@dataclasses.dataclass(frozen=True, slots=True)
class Shielded:
    """A rule of a plug-in, called ``kind``. If it fails, there is no verdict, and the reason says so."""

    kind: str
    rule: Rule

    @property
    def same_for_all_vos(self) -> bool:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return bool(getattr(self.rule, "same_for_all_vos", False))

    @property
    def same_for_all_rows(self) -> bool:
        """See :class:`~gridmask.domain.policy.Rule`."""
        return bool(getattr(self.rule, "same_for_all_rows", False))

    @property
    def reads(self) -> frozenset[str] | None:
        """See :class:`~gridmask.domain.policy.Rule`."""
        said = getattr(self.rule, "reads", None)
        return None if said is None else frozenset(said)

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        try:
            finding: Any = self.rule.assess(case)
        except Exception as error:  # noqa: BLE001 - what others write may raise anything
            return _no_finding(f"The rule {self.kind} failed: {type(error).__name__}: {error}")
        return finding if isinstance(finding, Finding) else _no_finding(f"The rule {self.kind} gave no finding.")


def _no_finding(text: str) -> Finding:
    return Finding(None, (Reason(ReasonKind.ERROR, text),))
