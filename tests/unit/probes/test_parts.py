"""Addresses, tokens, BER, and how what strangers say is shown."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.probes import ber
from gridmask.probes.address import Address
from gridmask.probes.finding import shown
from gridmask.probes.secrets import expiry


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://a.example.org", "https://a.example.org"),
        ("https://A.example.org:443/x?y=1", "https://a.example.org/x?y=1"),
        ("root://a.example.org//store", "root://a.example.org//store"),
        ("tcp://[2001:db8::1]:99", "tcp://[2001:db8::1]:99"),
    ],
)
def test_an_address_is_told_as_people_write_it(url: str, written: str) -> None:
    assert str(Address.of(url)) == written


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://a.example.org", "is no address"),
        ("a.example.org:80", "is no address"),
        ("tcp://a.example.org", "says nothing of a port"),
        ("https://me:secret@a.example.org", "do not belong in an address"),
        ("https://a b/", "is no name of a host"),
        ("https://a.example.org:99999/", "Port out of range"),
    ],
)
def test_what_is_no_address_is_refused(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Address.of(url)


def jwt(**claims: object) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims))
    return ".".join((*parts, "sig"))


def test_a_token_tells_when_it_expires() -> None:
    assert expiry(jwt(exp=1_700_000_000)) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("token", ["opaque", "a.b.c", jwt(), jwt(exp="soon"), jwt(exp=1e300), "a." + "Z" * 7 + ".c"])
def test_a_token_that_does_not_is_taken_as_it_is(token: str) -> None:
    assert expiry(token) is None


@given(st.lists(st.tuples(st.sampled_from([0x02, 0x04, 0x30, 0x64]), st.binary(max_size=400)), max_size=5))
def test_what_is_encoded_can_be_decoded(values: list[tuple[int, bytes]]) -> None:
    assert list(ber.decoded(b"".join(ber.encoded(tag, content) for tag, content in values))) == values


@given(st.binary(max_size=60))
def test_rubbish_is_refused_or_read_but_never_worse(data: bytes) -> None:
    with suppress(ValueError, IndexError):
        list(ber.decoded(data))


@given(st.integers(0, 2**40))
def test_numbers_are_encoded_without_a_sign(number: int) -> None:
    [(_, content)] = ber.decoded(ber.number(number))
    assert int.from_bytes(content, "big", signed=True) == number


@given(st.one_of(st.text(), st.binary()))
def test_whatever_strangers_say_is_one_short_printable_line(said: str | bytes) -> None:
    told = shown(said, 20)
    assert told.isprintable()
    assert len(told) <= 20
