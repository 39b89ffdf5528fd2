"""Thresholds that never or always fire: a policy that says the same of every row all the time says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gridmask.domain.gauges import thresholds_of
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.policy_import.toml import key
from gridmask.replay.proposals.proposal import Change, Fact, Kind, Proposal

if TYPE_CHECKING:
    from gridmask.domain.policy import Policy, PolicySet
    from gridmask.recording.recording import Document
    from gridmask.replay.proposals.watching import Said, Watcher

LONG = timedelta(days=7)
"""For so long, all verdicts on evidence must have been alike."""


def firing(watcher: Watcher, policies: PolicySet, document: Document | None, until: datetime) -> Iterator[Proposal]:
    """The policies with thresholds that never, or always, asked for anything but ``Active``."""
    for policy in policies.policies:
        said = watcher.said.get((policy.layer, policy.name))
        if said is None or not policy.enabled or not thresholds_of(policy.rule) or until - said.first < LONG:
            continue
        fine = said.statuses[Status.ACTIVE]
        if fine == said.statuses.total():
            yield _proposal(Kind.NEVER, policy, said, document, until)
        elif not fine:
            yield _proposal(Kind.ALWAYS, policy, said, document, until)


def _proposal(kind: Kind, policy: Policy, said: Said, document: Document | None, until: datetime) -> Proposal:
    limits = ", ".join(
        f"{one.gauge.name} {'above' if one.rising else 'below'} {one.at:g}" for one in thresholds_of(policy.rule)
    )
    never = kind is Kind.NEVER
    says = (
        f"It never asked for anything but Active: there was never {limits}. Move the threshold to where it tells something, "
        "or do without the policy."
        if never
        else f"It never asked for Active: there always was {limits}. Move the threshold, or do without the policy."
    )
    counted = ", ".join(f"{number:,} {status.label}" for status, number in sorted(said.statuses.items()))
    return Proposal(
        kind,
        f"policy {policy.name} of {policy.layer}",
        says,
        {"days": (until - said.first).days, "verdicts": said.statuses.total(), "rows": len(said.rows)},
        (Fact(said.last or until, f"It said {counted}."),),
        None if document is None else _without(policy, document),
        weight=0.0 if never else float(len(said.rows)),
    )


def _without(policy: Policy, document: Mapping[str, Any]) -> Change | None:
    made: Document = deepcopy(dict(document))
    table = made.get(policy.layer, {}).get("policy", {}).get(policy.name)
    if table is None:
        return None
    table["enabled"] = False
    place = "all.toml" if policy.layer == ALL else f"vo/{policy.layer}.toml"
    return Change(policy.layer, f"# in {place}\n[policy.{key(policy.name)}]\nenabled = false\n", made)
