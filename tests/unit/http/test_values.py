from __future__ import annotations

import hashlib

import pytest

from gridmask.domain.errors import TooLarge
from gridmask.http import Limits, Validators
from gridmask.http.body import Body
from gridmask.http.inquiry import Inquiry


def test_validators_become_conditions() -> None:
    conditions = Validators('"1"', "yesterday").conditions()
    assert conditions == {"If-None-Match": '"1"', "If-Modified-Since": "yesterday"}
    assert Validators().conditions() == {}


def test_no_validators_are_nothing_to_ask_by() -> None:
    assert not Validators()
    assert Validators(etag='""')
    assert Validators(last_modified="yesterday")


@pytest.mark.parametrize("etag", ["", '"é"', '"a\tb"', '"' + 2000 * "x" + '"'])
def test_a_validator_that_cannot_be_sent_back_counts_as_absent(etag: str) -> None:
    assert Validators.of({"etag": etag, "last-modified": "yesterday"}) == Validators(None, "yesterday")


def test_a_body_counts_and_hashes_what_it_gets() -> None:
    body = Body("https://example.org/", 6)
    body.add(b"one")
    body.add(b"two")
    assert (body.content(), body.size, body.sha256) == (b"onetwo", 6, hashlib.sha256(b"onetwo").hexdigest())


def test_a_body_takes_no_byte_too_many() -> None:
    body = Body("https://example.org/", 6)
    body.add(b"one")
    with pytest.raises(TooLarge):
        body.add(b"four")
    assert body.content() == b"one"


def test_an_inquiry_keeps_its_secrets_apart() -> None:
    inquiry = Inquiry.of("https://anna:hush@example.org/feed?token=hush#part", Validators(), Limits())
    assert str(inquiry.url) == "https://example.org/feed?token=hush"
    assert inquiry.endpoint == "https://example.org/feed"
    assert inquiry.shown == "https://example.org/feed?token=***"
    assert inquiry.credential == ("Authorization", "Basic YW5uYTpodXNo")
