from __future__ import annotations

import pytest

from gridmask.domain.actor import AUTOMATION, Actor, Origin
from gridmask.domain.errors import Forbidden
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL

OPERATOR = Actor.operator("shifter", "cms")


def test_an_operator_may_change_what_belongs_to_the_vo() -> None:
    OPERATOR.require(Action.SET_STATUSES, "cms")


@pytest.mark.parametrize(("vo", "needed"), [("atlas", "an operator of atlas"), (ALL, "an administrator of the installation")])
def test_an_operator_may_not_change_anything_else(vo: str, needed: str) -> None:
    with pytest.raises(Forbidden, match=f"shifter may not set statuses for {vo}: that needs {needed}"):
        OPERATOR.require(Action.SET_STATUSES, vo)


@pytest.mark.parametrize("actor", [Actor.administrator("expert"), AUTOMATION])
@pytest.mark.parametrize("vo", ["cms", ALL])
@pytest.mark.parametrize("action", Action)
def test_an_administrator_may_do_everything(actor: Actor, vo: str, action: Action) -> None:
    assert actor.is_administrator
    actor.require(action, vo)


@pytest.mark.parametrize("action", Action)
def test_who_was_granted_nothing_may_do_nothing(action: Action) -> None:
    with pytest.raises(Forbidden):
        Actor("nobody").require(action, "cms")


def test_whence_somebody_came_makes_nobody_another() -> None:
    assert Actor("shifter", origin=Origin("iam", "192.0.2.1", "1")) == Actor("shifter")
