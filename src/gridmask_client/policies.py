"""Policies of VOs that keep them by the API."""

from __future__ import annotations

from typing import Any, overload

from gridmask_client.answer import Json, Tagged, Versioned
from gridmask_client.call import Call, Listing, change, get, listing, matched, unless
from gridmask_client.shapes import MOST, Moment, Said

_ONE = "/api/v1/policies/{vo}"


class PolicyVersion(Said, frozen=True):
    """A version of a VO's policies; 0 is what there is before anybody put one. ``revision``: the SHA-256 of its text."""

    vo: str
    version: int
    revision: str
    author: str | None
    at: Moment | None
    reason: str | None


class PolicyLayer(PolicyVersion, frozen=True):
    """A version of a VO's policies, with its text, which is TOML."""

    text: str


class PolicyVersions(Said, frozen=True):
    """A page of versions, the last first."""

    versions: tuple[PolicyVersion, ...]
    next: int | None


class PolicyPut(Said, frozen=True):
    """What putting policies led to."""

    layer: PolicyLayer
    revision: int | None
    changed: int


class PolicyProblemSaid(Said, frozen=True):
    """Something that is wrong in policies, or that can hardly be meant."""

    file: str
    line: int | None
    key: str
    text: str


class PolicyCheck(Said, frozen=True):
    """What came of a check. ``ok``: it could be put."""

    ok: bool
    revision: str | None
    errors: tuple[PolicyProblemSaid, ...]
    warnings: tuple[PolicyProblemSaid, ...]


@overload
def read(vo: str, *, version: int | None = None) -> Call[Versioned[PolicyLayer]]: ...
@overload
def read(vo: str, *, version: int | None = None, have: str) -> Call[Versioned[PolicyLayer] | None]: ...
def read(vo: str, *, version: int | None = None, have: str = "") -> Call[Any]:
    """A VO's policies as they were written.

    Args:
        vo: the VO, by its name or an alias.
        version: this one; else the last.
        have: the entity tag of what you have; if that is what there is, the answer is None.
    """
    return unless(get(_ONE, Tagged(Json(PolicyLayer)), {"version": version}, vo=vo), have)


def put(vo: str, text: str, reason: str, *, if_match: str = "") -> Call[Versioned[PolicyPut]]:
    """Check policies together with all others, keep them, and put them into force at once; or refuse all of it.

    Args:
        vo: the VO, by its name or an alias.
        text: TOML.
        reason: why, for those who come after you.
        if_match: the entity tag of what you edited; if that is not what is there, nothing is done, and that is ``Stale``.
    """
    asked = change(_ONE, Tagged(Json(PolicyPut)), {"text": text, "reason": reason}, method="PUT", vo=vo)
    return matched(asked, if_match)


def check(vo: str, text: str) -> Call[PolicyCheck]:
    """Everything that is wrong with a text as a VO's policies, and what can hardly be meant. Nothing is put."""
    return change(f"{_ONE}/check", Json(PolicyCheck), {"text": text}, vo=vo)


def versions(vo: str, *, limit: int = MOST) -> Listing[PolicyVersions, PolicyVersion]:
    """All that a VO's policies ever were, the last first."""
    return listing(
        f"{_ONE}/versions", Json(PolicyVersions), lambda page: page.versions, {"limit": limit}, cursor="before", vo=vo
    )
