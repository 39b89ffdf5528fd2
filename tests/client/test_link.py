from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gridmask_client import access, masks, policies
from gridmask_client.bearer import checked
from gridmask_client.call import Call
from gridmask_client.errors import Unusable
from gridmask_client.link import Link


def asked(url: str, call: Call[Any], token: str = "") -> str:
    return str(Link(url).request(call, token)["url"])


@pytest.mark.parametrize("url", ["HTTP://127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.0.0.1:8000//"])
def test_an_address_can_be_written_in_several_ways(url: str) -> None:
    assert asked(url, access.whoami()) == "http://127.0.0.1:8000/api/v1/access"


def test_a_server_can_be_below_a_path() -> None:
    assert asked("https://example.org/rss/", access.whoami()) == "https://example.org/rss/api/v1/access"


def test_what_is_given_stays_where_it_belongs() -> None:
    call = masks.about("a/../b?c#d", ["x&y=z", "ü +"])
    assert (
        asked("http://localhost", call) == "http://localhost/api/v1/masks/a%2F..%2Fb%3Fc%23d?name=x%26y%3Dz&name=%C3%BC%20%2B"
    )


@pytest.mark.parametrize("vo", ["", ".", ".."])
def test_what_would_make_another_address_is_not_sent(vo: str) -> None:
    with pytest.raises(Unusable):
        masks.read(vo)


@pytest.mark.parametrize("value", ['"a"\r\nX-Evil: 1', '"ü"', '"\x00"'])
def test_what_would_make_another_header_is_not_sent(value: str) -> None:
    for call in (
        masks.read("cms", have=value),
        policies.put("cms", "", "why", if_match=value),
        policies.check("cms", "").once(value),
    ):
        with pytest.raises(Unusable, match="cannot be sent"):
            asked("http://localhost", call)


def test_a_key_is_quoted_and_not_too_long() -> None:
    sent = Link("http://localhost").request(policies.check("cms", "").once('a"b\\c'), "")
    assert sent["headers"]["Idempotency-Key"] == '"a\\"b\\\\c"'
    with pytest.raises(Unusable):
        asked("http://localhost", policies.check("cms", "").once("x" * 256))


def test_what_cannot_be_told_in_json_is_not_sent() -> None:
    with pytest.raises(Unusable):
        policies.check("cms", object())  # type: ignore[arg-type]  # that is the point


def test_what_is_no_text_is_no_token() -> None:
    for given in (None, b"token", 3, Path("token")):
        with pytest.raises(Unusable):
            checked(given, "It")
