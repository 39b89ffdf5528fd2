"""Certificates as a server in front passes them on, good and bad; the signatures it has checked itself."""

from __future__ import annotations

import ssl
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gridmask.access import chains
from gridmask.access import leaf as leaves
from gridmask.access.leaf import LONGEST, Leaf, leaf
from gridmask.access.proxies import LIMITED, PROXY_CERT_INFO, Standing
from gridmask.domain.errors import Unauthenticated
from tests.clocks import NOW
from tests.proxies import INDEPENDENT, PUZZLE, Holder, Span, authority, name, person, proxy, signed

SPAN = Span.around(NOW)
CA = authority(SPAN)
USER = signed(CA, person("user"), SPAN)
OWNER = "/C=ch/O=DIRAC/CN=user"


def of(holder: Holder) -> Leaf:
    return leaf(quote(holder.pem, safe="").encode())


def why(escaped: bytes) -> str:
    with pytest.raises(Unauthenticated) as caught:
        leaf(escaped)
    return str(caught.value)


def test_a_certificate_names_its_owner_and_its_authority() -> None:
    expected = Leaf(Standing(OWNER), "/C=ch/O=DIRAC/CN=DIRAC CA", SPAN.begins.timestamp(), SPAN.ends.timestamp(), "")
    assert of(USER) == expected


def test_a_proxy_is_its_owners_and_does_not_tell_of_the_authority() -> None:
    found = of(proxy(USER, SPAN, group="dirac_admin"))
    assert (found.standing, found.issuer, found.group) == (Standing(OWNER, 1), "", "dirac_admin")


def test_a_proxy_of_a_proxy_of_a_proxy_is_its_owners() -> None:
    assert of(proxy(proxy(proxy(USER, SPAN), SPAN), SPAN)).standing == Standing(OWNER, 3)


def test_a_limited_proxy_is_told_apart() -> None:
    assert of(proxy(USER, SPAN, language=LIMITED)).standing == Standing(OWNER, 1, is_limited=True)


def test_a_name_may_end_in_a_number() -> None:
    assert of(signed(CA, person("user", ("CN", "7")), SPAN)).standing == Standing(f"{OWNER}/CN=7")


def test_of_a_name_there_is_always_something_left() -> None:
    robot = signed(CA, name(("O", "Robots"), ("CN", "7")), SPAN)
    assert of(proxy(robot, SPAN)).standing == Standing("/O=Robots/CN=7", 1)


@pytest.mark.parametrize("language", [INDEPENDENT, PUZZLE])
def test_a_proxy_of_another_sort_is_refused(language: x509.ObjectIdentifier) -> None:
    assert "none of those that are accepted" in why(quote(proxy(USER, SPAN, language=language).pem).encode())


@pytest.mark.parametrize("common", ["proxy", "limited proxy"])
def test_a_proxy_of_before_the_standard_is_refused(common: str) -> None:
    assert "before RFC 3820" in why(quote(proxy(USER, SPAN, common=common, language=None).pem).encode())


@pytest.mark.parametrize("subject", [person("admin"), person("admin", ("CN", "1")), person("user"), person("user", ("O", "1"))])
def test_a_proxy_cannot_name_itself(subject: x509.Name) -> None:
    assert "another name" in why(quote(proxy(USER, SPAN, subject=subject).pem).encode())


def test_an_authority_is_nobody() -> None:
    assert "authority" in why(quote(CA.pem).encode())


@pytest.mark.parametrize(
    "shown",
    [
        b"x",
        b"%00",
        b"-----BEGIN CERTIFICATE-----%0AAAAA%0A-----END CERTIFICATE-----%0A",
        quote(USER.pem * 2).encode(),
        quote("x" + USER.pem).encode(),
        quote(USER.pem.replace("CERTIFICATE", "PRIVATE KEY")).encode(),
        quote(USER.pem[:200] + USER.pem[260:]).encode(),
        quote(USER.pem).encode() + b"%0A" * LONGEST,
    ],
)
def test_what_is_no_certificate_is_refused(shown: bytes) -> None:
    assert why(shown).startswith(("What was passed on", "The certificate is malformed"))


@pytest.mark.parametrize("size", [0, 1, 40])
def test_a_malformed_extension_is_refused(size: int) -> None:
    broken = signed(CA, person("user", ("CN", "1")), SPAN, x509.UnrecognizedExtension(PROXY_CERT_INFO, b"\x30" * size))
    assert "malformed" in why(quote(broken.pem).encode())


def test_an_authority_whose_name_is_unclear_is_not_named() -> None:
    unclear = authority(SPAN, "CA/CN=another")
    assert of(signed(unclear, person("user"), SPAN)).issuer == ""


def test_what_a_server_in_front_says_twice_is_not_believed() -> None:
    said = [(b"x-ssl-cert", b"a"), (b"x-ssl-client-verify", b"SUCCESS")]
    assert leaves.shown(said) == b"a"
    for again in said:
        with pytest.raises(Unauthenticated):
            leaves.shown([*said, again])


@pytest.mark.parametrize("verified", [[], [b"NONE"], [b"FAILED:certificate has expired"], [b"success"], [b"SUCCESS, NONE"]])
def test_a_certificate_counts_that_was_found_to_be_good(verified: list[bytes]) -> None:
    with pytest.raises(Unauthenticated):
        leaves.shown([(b"x-ssl-cert", b"a"), *((b"x-ssl-client-verify", word) for word in verified)])


def test_who_shows_none_shows_none() -> None:
    assert leaves.shown([(b"x-ssl-client-verify", b"NONE"), (b"host", b"x")]) == b""


def test_a_name_of_bits_is_malformed() -> None:
    der = proxy(USER, SPAN, common="abcd").certificate.public_bytes(Encoding.DER)
    odd = der.replace(b"\x0c\x04abcd", b"\x03\x04\x00bcd")
    assert odd != der
    pem = ssl.DER_cert_to_PEM_cert(odd)
    assert "malformed" in why(quote(pem, safe="").encode())
    with pytest.raises(Unauthenticated, match="malformed"):
        chains.leaf((pem, USER.pem))
