from __future__ import annotations

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.plugins import check
from gridmask.source import Source

GOCDB = Source(name="goc", kind="gocdb", url="https://goc.example.org/", options={"scope": "EGI", "vo_scopes": ["cms"]})
DOWNTIMES = Source(name="down", kind="gocdb-downtimes", url="https://goc.example.org/", covers=frozenset({"goc"}))


def test_what_can_have_an_effect_passes() -> None:
    check([GOCDB, DOWNTIMES])
    check([])


@pytest.mark.parametrize(
    ("source", "changes", "problem"),
    [
        (DOWNTIMES, {"covers": frozenset({"down"})}, "covers: 'down' is no inventory, .*; these are: goc"),
        (GOCDB, {"covers": frozenset({"goc"})}, "covers: is for evidence, and this is an inventory"),
        (DOWNTIMES, {"options": {"vo_scopes": ["cms"]}}, "vo_scopes: has no effect for gocdb-downtimes; it is for .*gocdb"),
        (
            GOCDB,
            {"kind": "dirac-cfg"},
            "scope: has no effect for dirac-cfg; it is for gocdb, gocdb-d",
        ),
        (GOCDB, {"options": {"vo_scopes": ["two words"]}}, "vo_scopes.*: 'two words' cannot be a VO's name"),
        (GOCDB, {"options": {"vo_scopes": ["all"]}}, "vo_scopes: 'all' stands for everyone and can name no VO"),
        (GOCDB, {"options": {"evry": 1}}, "evry: there is no such key for gocdb; did you mean 'every'?"),
        (GOCDB, {"options": {"scpe": ""}}, "scpe: there is no such key for gocdb; did you mean 'scope'?"),
        (GOCDB, {"kind": "gocdbx"}, "kind: there is no 'gocdbx'; did you mean 'gocdb'?"),
    ],
)
def test_what_can_have_none_is_told(source: Source, changes: dict[str, object], problem: str) -> None:
    others = {each.name: each for each in (GOCDB, DOWNTIMES)} | {source.name: source.model_copy(update=changes)}
    with pytest.raises(InvalidConfiguration, match=problem.replace("?", "[?]")):
        check(list(others.values()))
