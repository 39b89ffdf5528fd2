from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest

from gridmask.diracx.token import reader, vo_of
from gridmask.domain.errors import InvalidRequest
from gridmask.http import Access


def token(claims: object) -> str:
    return f"e30.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Access:
    monkeypatch.setenv("SOME_TOKEN", token({"vo": "lhcb"}))
    return Access(token_variable="SOME_TOKEN")


def test_a_token_names_the_vo_of_its_holder() -> None:
    assert vo_of(token({"vo": "lhcb", "sub": "x"})) == "lhcb"


@pytest.mark.parametrize("other", ["", "opaque", "a.b.c", "a.???.c", "a.é.c", token({"vo": 5}), token([])])
def test_one_that_does_not_say_is_no_error(other: str) -> None:
    assert vo_of(other) is None


def test_nobody_needs_to_repeat_what_the_token_says(access: Access) -> None:
    assert [reader(access, None), reader(access, "LHCb")] == ["lhcb", "lhcb"]


def test_another_vo_than_the_tokens_is_refused_without_the_token(access: Access) -> None:
    with pytest.raises(InvalidRequest, match="of a user of lhcb") as caught:
        reader(access, "cms")

    assert "e30" not in str(caught.value)


def test_without_a_token_nothing_is_asked() -> None:
    with pytest.raises(InvalidRequest, match="--token-file"):
        reader(Access(), "lhcb")


def test_whose_token_it_is_must_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "opaque")
    with pytest.raises(InvalidRequest, match="--vo"):
        reader(Access(token_variable="SOME_TOKEN"), None)
