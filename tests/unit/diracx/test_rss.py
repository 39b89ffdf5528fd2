from __future__ import annotations

import json

import pytest

from gridmask.diracx.rss import parse
from gridmask.domain.errors import MalformedAnswer


def said(route: str, body: object) -> dict[str, tuple[str, str, str]]:
    return {
        f"{row.element} {row.status_type} {row.vo}": (told.label, told.reason, told.vo)
        for row, told in parse(json.dumps(body).encode(), route, "lhcb")
    }


def test_what_is_allowed_is_active_or_with_warnings_degraded() -> None:
    body = {"CE1": {"all": {"allowed": True, "warnings": None}}, "CE2": {"all": {"allowed": True, "warnings": "slow"}}}

    assert said("compute", body) == {
        "ComputingElement CE1 all lhcb": ("Active", "", "lhcb"),
        "ComputingElement CE2 all lhcb": ("Degraded", "slow", "lhcb"),
    }


def test_what_is_not_allowed_is_not_usable_whatever_its_status() -> None:
    assert said("site", {"LCG.Here.org": {"all": {"allowed": False, "reason": "power"}}}) == {
        "Site LCG.Here.org all lhcb": ("not usable", "power", "lhcb")
    }


def test_storage_has_four_accesses() -> None:
    yes = {"allowed": True, "warnings": None}
    found = said("storage", {"SE1": dict.fromkeys(("read", "write", "check", "remove"), yes)})

    assert sorted(found) == [f"StorageElement SE1 {one}Access lhcb" for one in ("Check", "Read", "Remove", "Write")]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"detail": "x"}',
        b'{"CE1": {"some": {"allowed": true}}}',
        b'{"CE1": {"all": {"allowed": "yes"}}}',
        b'{"CE1": {"all": {}}}',
    ],
)
def test_something_else_is_told_with_its_place(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match=r"^/api/rss/fts"):
        list(parse(body, "fts", "lhcb"))
