from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from gridmask.domain.element import Element
from gridmask.domain.errors import TakeoutRefused
from gridmask.inventory.alterations import check_alterations
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import reconcile
from gridmask.testing import element

NAMES = "abcdefghij"
ONE = {"hosts": ("ce.example.org",), "services": frozenset({"arc-ce"}), "offered": ("cms",), "source": "osg"}


def known(**attributes: Any) -> dict[Any, Element]:  # noqa: ANN401 - attributes of Element
    listed = [element(name, **(ONE | attributes)) for name in NAMES]
    return {one.key: one for one in listed}


def altered(before: dict[Any, Element], count: int, **attributes: Any) -> None:  # noqa: ANN401
    """Have so many of them published otherwise."""
    changed = [replace(one, **attributes) if n < count else one for n, one in enumerate(before.values())]
    change = reconcile(before, Publication.of(changed), "osg", ["cs", "osg"])
    check_alterations(change, before, 0.2)


@pytest.mark.parametrize(
    ("attributes", "refused"),
    [
        ({"offered": frozenset()}, True),
        ({"offered": frozenset({"cms", "atlas"})}, True),
        ({"hosts": ()}, True),
        ({"hosts": ("ce.example.org", "other.example.org")}, False),
        ({"services": frozenset({"webdav"})}, True),
        ({"services": frozenset({"webdav", "arc-ce"})}, False),
        ({"services": frozenset()}, False),
        ({"tags": frozenset({"tier2"}), "site": "Elsewhere"}, False),
    ],
)
def test_many_that_are_offered_otherwise_or_lose_a_name_are_refused(attributes: dict[str, Any], refused: bool) -> None:  # noqa: FBT001
    with pytest.raises(TakeoutRefused, match="change the offer or the names of 10 of 10") if refused else nullcontext():
        altered(known(), 10, **attributes)


def test_a_few_are_news() -> None:
    altered(known(), 5, offered=frozenset())


def test_what_heard_everything_and_hears_one_service_from_now_on_loses_something() -> None:
    with pytest.raises(TakeoutRefused):
        altered(known(services=frozenset()), 10, services=frozenset({"arc-ce"}))


def test_what_a_source_calls_the_elements_of_another_counts_as_well() -> None:
    before = known(source="cs", hosts=(), elsewhere=frozenset({("osg", "ce.example.org")}))
    with pytest.raises(TakeoutRefused, match="of 10 of 10"):
        check_alterations(reconcile(before, Publication({}), "osg", ["cs", "osg"]), before, 0.2)


def test_what_another_source_has_the_say_of_from_now_on_is_as_that_says() -> None:
    before = known(source="cs")
    published = known(offered=("atlas",))
    check_alterations(reconcile(before, Publication(published), "osg", ["osg", "cs"]), before, 0.2)
