"""What tables of actuators may say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gridmask.actions.fts3.settings import Fts3
from gridmask.actions.rucio.settings import Rucio

RUCIO = {"name": "ours", "url": "https://rucio.example.org", "vo": "cms", "token_file": "token"}
FTS = {"name": "ours", "url": "https://fts.example.org:8446", "vo": "cms"}


def test_a_vo_goes_by_its_one_name() -> None:
    assert Rucio(**RUCIO | {"vo": " CMS"}).vo == "cms"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"token_file": None}, "say who asks"),
        ({"account": "root", "user": "x", "password_file": "y"}, "say who asks"),
        ({"token_file": None, "account": "root"}, "go together"),
        ({"vo": "all"}, "name one VO"),
        ({"match": {"nam": "*"}}, "did you mean 'name'"),
        ({"match": {"vo": "cms"}}, "there is no 'vo'"),
        ({"match": {"name": []}}, "empty list"),
        ({"name": "a/b"}, "pattern"),
        ({"touch": []}, "at least 1"),
        ({"touch": ["reed"]}, "'read', 'write' or 'delete'"),
        ({"unknown": "ban"}, "'leave' or 'off'"),
        ({"purpose": "fun"}, "'use' or 'test'"),
        ({"limits": {"changes": 0}}, "greater than or equal to 1"),
        ({"limits": {"share": 25}}, "is not a fraction"),
        ({"every": "0s"}, "too short"),
    ],
)
def test_what_makes_no_sense_for_rucio_is_told(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Rucio(**RUCIO | wrong)


def test_transfers_that_are_cancelled_do_not_wait() -> None:
    with pytest.raises(ValidationError, match="goes with status = 'wait' alone"):
        Fts3(**FTS, status="cancel", allow_submit=True)
