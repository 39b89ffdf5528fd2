from __future__ import annotations

import pytest

from gridmask.domain.actor import AUTOMATION, Actor
from gridmask.domain.errors import Forbidden
from gridmask.domain.vo import ALL

OPERATOR = Actor("olga", vos=frozenset({"cms"}))
ADMINISTRATOR = Actor("ada", vos=frozenset({ALL}))


def test_an_operator_may_change_what_belongs_to_the_vo() -> None:
    OPERATOR.require("cms", "set statuses")


@pytest.mark.parametrize(("vo", "needed"), [("atlas", "an operator of atlas"), (ALL, "an administrator of the installation")])
def test_an_operator_may_not_change_anything_else(vo: str, needed: str) -> None:
    with pytest.raises(Forbidden, match=f"olga may not set statuses for {vo}: that needs {needed}"):
        OPERATOR.require(vo, "set statuses")


@pytest.mark.parametrize("actor", [ADMINISTRATOR, AUTOMATION])
@pytest.mark.parametrize("vo", ["cms", ALL])
def test_an_administrator_may_change_everything(actor: Actor, vo: str) -> None:
    assert actor.is_administrator
    actor.require(vo, "set statuses")


def test_who_may_do_nothing_may_not_do_that() -> None:
    with pytest.raises(Forbidden):
        Actor("nobody").require("cms", "look")
