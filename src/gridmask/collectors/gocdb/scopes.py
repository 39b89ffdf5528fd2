"""Scopes: GOCDB's labels, some of which are names of VOs. Which, only the deployment knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.collectors.gocdb.record import GocdbRecord


def scopes(record: GocdbRecord) -> frozenset[str]:
    """The scopes of ``record``.

    Raises:
        MalformedAnswer: one is too long to be one.
    """
    return frozenset(record.texts("SCOPES/SCOPE"))


def offered(record: GocdbRecord, vo_scopes: frozenset[str]) -> frozenset[str]:
    """The VOs that ``record`` is offered to: those of its scopes that are VOs; where there is none, everyone.

    Args:
        record: a site or a service.
        vo_scopes: the scopes that are VOs, as canonical names.

    Raises:
        MalformedAnswer: a scope is too long to be one.
    """
    return frozenset(scope.casefold() for scope in scopes(record)) & vo_scopes
