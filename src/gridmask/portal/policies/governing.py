"""What governs what, as the pages show it: the layers in force, and each policy with what it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.policies.files import type_of
from gridmask.portal.drawing.bars import Bar, bar
from gridmask.portal.policies.wording import Parameter, matching, state_of, written

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.policy import Policy, PolicySet
    from gridmask.policies.layers import Document
    from gridmask.service.policies import Record, Said, Work
    from gridmask.service.policy_texts import Layered, Standing
    from gridmask.store.policy_layers import Version

FILE, API, NOWHERE = "file", "api", "nowhere"
"""Where a layer is kept."""

MOST_ROWS = 300
"""So many rows are told of one policy."""


@dataclass(frozen=True, slots=True)
class LayerShown:
    """A layer in force.

    Attributes:
        layer: whose it is.
        kept: where: in a ``file``, by the ``api``, or ``nowhere``, where it says nothing.
        place: the file, seen from the directory of the policies.
        version: of one that is kept by the API, the last.
        policies: how many policies it writes something about.
        author, at: who put the whole into force, and when; of a VO's, nobody tells but its version.
    """

    layer: str
    kept: str
    place: str = ""
    version: Version | None = None
    policies: int = 0
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A policy in a line; ``record`` None: it is off, and does nothing. ``overrides``: one of the installation's."""

    policy: Policy
    type: str
    state: str
    matching: list[tuple[str, str]]
    written: list[Parameter]
    record: Record | None
    bar: Bar | None
    overrides: bool


def layers_of(vo: str, layered: Layered, standing: Standing | None) -> list[LayerShown]:
    """The layers that decide for ``vo``, from the installation's on; ``standing`` is the VO's own."""
    loaded = layered.loaded
    count = {layer: len(said.get("policy", {})) for layer, said in layered.document.items()}
    author, at = (loaded.author, loaded.at) if loaded else ("", None)
    found = [LayerShown(ALL, FILE, f"{ALL}.toml", None, count.get(ALL, 0), author, at)]
    if standing is None:
        others = sorted(layered.document.keys() - {ALL})
        return [*found, *(_of_vo(other, layered.versions.get(other), count.get(other, 0)) for other in others)]
    if standing.layer is not None:
        return [*found, _of_vo(vo, standing.layer.version, count.get(vo, 0))]
    return [*found, LayerShown(vo, FILE if standing.file else NOWHERE, standing.file, None, count.get(vo, 0))]


def _of_vo(vo: str, version: Version | None, count: int) -> LayerShown:
    return LayerShown(vo, API if version else FILE, "" if version else f"vo/{vo}.toml", version, count)


def shown(in_force: PolicySet, vo: str, work: Work, document: Document) -> list[PolicyShown]:
    """The policies that decide for ``vo``, its own first; then those that are off."""
    general = {policy.name for policy in in_force.policies if policy.layer == ALL}
    records = {(record.policy.layer, record.policy.name): record for record in work.records}
    found = [
        _shown(one, records.get((one.layer, one.name)), document, overrides=one.layer != ALL and one.name in general)
        for one in _of(in_force, vo)
    ]
    return sorted(found, key=lambda one: (one.state == "off", one.policy.layer == ALL, one.policy.name))


def _of(in_force: PolicySet, vo: str) -> Iterator[Policy]:
    """What is written for ``vo``, off or not; of what it overrides, its own alone."""
    own = {policy.name: policy for policy in in_force.policies if policy.layer == vo}
    yield from own.values()
    if vo != ALL:
        yield from (policy for policy in in_force.policies if policy.layer == ALL and policy.name not in own)


def _shown(policy: Policy, record: Record | None, document: Document, *, overrides: bool) -> PolicyShown:
    said = bar(record.verdicts) if record and record.verdicts else None
    told = written(policy, document)
    return PolicyShown(policy, type_of(policy.rule), state_of(policy), matching(policy), told, record, said, overrides)


def called(in_force: PolicySet, name: str, vo: str) -> Policy | None:
    """The policy called ``name`` that is written for ``vo``, or for all where it has none; None: there is no such."""
    found = {policy.name: policy for policy in _of(in_force, vo)}
    return found.get(name)


@dataclass(frozen=True, slots=True)
class Saying:
    """What a policy says of rows of one element about which it says the same; ``aspects`` are their status types."""

    aspects: tuple[str, ...]
    said: Said


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a policy says of the ``total`` rows that it governs: ``sayings`` are the worst; of ``silent`` ones it says nothing.

    ``left_out``: how many more sayings there are.
    """

    sayings: list[Saying]
    by_status: Mapping[Status, int]
    bar: Bar | None
    total: int
    silent: int
    left_out: int


def verdicts(said: Iterable[Said], status: Status | None) -> Verdicts:
    """What is ``said``, the worst first; with ``status``, only those that it asks for."""
    listed = list(said)
    counted = Counter(one.verdict.status for one in listed if one.verdict)
    wanted = [one for one in listed if status is None or (one.verdict and one.verdict.status is status)]
    alike: dict[tuple[object, ...], list[Said]] = {}
    for one in wanted:
        alike.setdefault((one.element.key, one.verdict, one.status, one.decides, one.is_held, one.is_guarded), []).append(one)
    sayings = [Saying(tuple(sorted(one.row.status_type for one in group)), group[0]) for group in alike.values()]
    ordered = sorted(sayings, key=_worst)
    silent = sum(one.verdict is None for one in listed)
    drawn = bar(counted) if counted else None
    return Verdicts(ordered[:MOST_ROWS], counted, drawn, len(listed), silent, max(0, len(ordered) - MOST_ROWS))


def _worst(saying: Saying) -> tuple[object, ...]:
    one = saying.said
    return one.verdict is None, one.verdict.status if one.verdict else Status.UNKNOWN, not one.decides, one.row
