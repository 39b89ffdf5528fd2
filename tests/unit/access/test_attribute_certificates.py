"""Attribute certificates as bytes: whatever comes, it is one or it is told that it is none."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gridmask.access.attribute_certificates import AttributeCertificate, NotBelieved, parsed, split
from tests.clocks import NOW
from tests.proxies import Span, authority, person, signed
from tests.voms import added, certificate, der, extension, integer, sequence, targets

SPAN = Span.around(NOW)
CA = authority(SPAN)
SERVER, USER = signed(CA, person("voms.example.org"), SPAN), signed(CA, person("user"), SPAN)
GOOD = certificate(SERVER, USER, SPAN, "/cms/Role=NULL/Capability=NULL", "/cms/Role=pilot", more=[targets("a.example.org")])


def test_it_is_read() -> None:
    found = parsed(GOOD)
    assert (found.authority, found.fqans) == (
        "cms://voms.example.org:15000",
        ("/cms/Role=NULL/Capability=NULL", "/cms/Role=pilot"),
    )
    assert (found.issuer, found.holder) == (SERVER.certificate.subject.public_bytes(), USER.certificate.subject.public_bytes())
    assert (found.serial, found.certificates) == (USER.certificate.serial_number, (SERVER.certificate,))
    assert (found.begins, found.ends) == (SPAN.begins.timestamp(), SPAN.ends.timestamp())
    assert found.targets == ("a.example.org",)


def test_several_are_split() -> None:
    assert split(extension(GOOD, GOOD)) == [GOOD, GOOD]
    assert split(extension()) == []


@pytest.mark.parametrize("rest", [b"", b"\x30", sequence(), GOOD[:-1], extension(GOOD) + b"\x00", der(0x31, sequence(GOOD))])
def test_what_is_no_sequence_of_them_is_told_to_be_none(rest: bytes) -> None:
    with pytest.raises(NotBelieved):
        split(rest)


def test_deep_sequences_of_targets_are_not_followed() -> None:
    deep = b""
    for _ in range(2000):
        deep = sequence(deep)
    assert parsed(certificate(SERVER, USER, SPAN, more=[added(b"\x06\x03\x55\x1d\x37", deep)])).targets == ()


def test_a_holder_who_is_named_without_a_number_could_be_several() -> None:
    name = USER.certificate.subject.public_bytes()
    number = der(0xA0, sequence(der(0xA4, name)), integer(7))
    named = der(0xA1, sequence(der(0xA4, name)))
    assert parsed(certificate(SERVER, USER, SPAN, about=sequence(number))).serial == 7
    by_bits = der(0xA0, sequence(der(0xA4, name)), integer(7), der(3, b"\x00x"))
    elsewhere, nowhere = der(0xA0, sequence(der(0x86, b"x")), integer(7)), der(0xA0, sequence(), integer(7))
    for about in (named, number + named, b"", by_bits, elsewhere, nowhere):
        with pytest.raises(NotBelieved):
            parsed(certificate(SERVER, USER, SPAN, about=sequence(about)))


@given(place=some.integers(0, len(GOOD) - 1), byte=some.integers(0, 255))
def test_with_any_byte_changed_it_is_read_or_refused(place: int, byte: int) -> None:
    with suppress(NotBelieved):
        assert isinstance(parsed(GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]), AttributeCertificate)


@given(some.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(rest: bytes) -> None:
    for read in (parsed, split):
        with suppress(NotBelieved):
            read(rest)
