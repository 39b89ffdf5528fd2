from __future__ import annotations

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.plugins import check
from gridmask.settings import Source

GOCDB = Source(name="goc", kind="gocdb", url="https://goc.example.org/", scope="EGI", vo_scopes=frozenset({"cms"}))
DOWNTIMES = Source(name="down", kind="gocdb-downtimes", url="https://goc.example.org/", covers=frozenset({"goc"}))


def test_what_can_have_an_effect_passes() -> None:
    check([GOCDB, DOWNTIMES])
    check([])


@pytest.mark.parametrize(
    ("source", "changes", "problem"),
    [
        (DOWNTIMES, {"covers": frozenset({"down"})}, "covers: 'down' is no inventory, .*; these are: goc"),
        (GOCDB, {"covers": frozenset({"goc"})}, "covers: is for evidence, and this is an inventory"),
        (DOWNTIMES, {"vo_scopes": frozenset({"cms"})}, "vo_scopes: has no effect for gocdb-downtimes; it is for gocdb"),
        (
            GOCDB,
            {"kind": "dirac-cfg", "vo_scopes": frozenset()},
            "scope: has no effect for dirac-cfg; it is for gocdb, gocdb-d",
        ),
        (GOCDB, {"kind": "gocdbx"}, "kind: there is no 'gocdbx'; did you mean 'gocdb'?"),
    ],
)
def test_what_can_have_none_is_told(source: Source, changes: dict[str, object], problem: str) -> None:
    others = {each.name: each for each in (GOCDB, DOWNTIMES)} | {source.name: source.model_copy(update=changes)}
    with pytest.raises(InvalidConfiguration, match=problem.replace("?", "[?]")):
        check(list(others.values()))
