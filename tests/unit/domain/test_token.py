from __future__ import annotations

from datetime import timedelta

from gridmask.domain.token import Token
from gridmask.testing import moment

NOON = moment("12:00")


def test_a_token_holds_up_to_its_end() -> None:
    assert Token("me", NOON).holds(NOON - timedelta.resolution)
    assert not Token("me", NOON).holds(NOON)


def test_a_token_without_an_end_holds_until_released() -> None:
    assert Token("me", None).holds(moment("2099-01-01T00:00"))
