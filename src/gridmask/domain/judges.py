"""Judges: the policies that have a say about an element, and the numbers by which they judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.gauges import Threshold, thresholds_of

if TYPE_CHECKING:
    from gridmask.domain.element import Element, RowKey
    from gridmask.domain.policy import Policy, PolicySet


@dataclass(frozen=True, slots=True)
class Judge:
    """A policy that has a say about some rows of an element.

    Attributes:
        policy: the policy.
        status_types: the status types that it is about, of those that are looked at.
        thresholds: the numbers beyond which it asks for another status, as far as its rule tells.
    """

    policy: Policy
    status_types: tuple[str, ...]
    thresholds: tuple[Threshold, ...]


def judges(policies: PolicySet, element: Element, rows: Iterable[RowKey]) -> tuple[Judge, ...]:
    """The policies that have a say about ``rows`` of ``element``, in the order in which they were written."""
    found: dict[tuple[str, str], tuple[Policy, list[str]]] = {}
    for row in rows:
        for policy in policies.governing(row, element):
            found.setdefault((policy.layer, policy.name), (policy, []))[1].append(row.status_type)
    return tuple(Judge(policy, tuple(aspects), thresholds_of(policy.rule)) for policy, aspects in found.values())
