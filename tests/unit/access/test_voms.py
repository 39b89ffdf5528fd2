"""Attributes of VOMS: which are believed, and which forgeries are not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as some

from gridmask.access import attribute_certificates, chains
from gridmask.access.leaf import leaf
from gridmask.access.voms import NONE, Voms
from gridmask.access.voms_servers import Servers
from tests.clocks import NOW
from tests.proxies import Holder, Span, authority, hashed, person, proxy, revoked, signed
from tests.voms import (
    ECDSA_SHA1,
    RSA_SHA256,
    TARGETS,
    UNKNOWN,
    added,
    certificate,
    der,
    extension,
    integer,
    lsc,
    sequence,
    targets,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.access.voms import Attributes

SPAN = Span.around(NOW)
OVER = Span(NOW - timedelta(hours=2), NOW - timedelta(seconds=1))
TO_COME = Span(NOW + timedelta(minutes=2), NOW + timedelta(hours=2))
CA, OTHER_CA = authority(SPAN), authority(SPAN, "Other CA")
SERVER, STRANGER = signed(CA, person("voms.example.org"), SPAN), signed(CA, person("stranger"), SPAN)
USER, OTHER = signed(CA, person("user"), SPAN), signed(CA, person("other"), SPAN)
GONE = signed(CA, person("voms.example.org"), SPAN)
NAMED = ("/C=ch/O=DIRAC/CN=voms.example.org", "/C=ch/O=DIRAC/CN=DIRAC CA")
PRODUCTION = "/cms/Role=production/Capability=NULL"
NAMES = ("rss.example.org",)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    folder = tmp_path_factory.mktemp("voms")
    lists = [revoked(CA, SPAN, [GONE]), revoked(OTHER_CA, SPAN)]
    return Servers(lsc(folder / "vomsdir", *NAMED), hashed(folder / "certificates", CA, OTHER_CA, lists=lists))


async def said(servers: Servers, *made: bytes, by: Holder = USER) -> Attributes:
    """What is believed of ``made`` for who shows it in a proxy."""
    shown = chains.leaf(proxy(by, SPAN, attributes=extension(*made)).chain)
    return await Voms(servers, NAMES).attributes(shown, NOW.timestamp())


def of_user(*fqans: str, **more: object) -> bytes:
    return certificate(SERVER, USER, SPAN, *fqans, **more)  # type: ignore[arg-type]  # whatever a test changes


async def test_what_a_server_says_of_a_user_is_believed(servers: Servers) -> None:
    found = await said(servers, of_user("/cms/Role=NULL/Capability=NULL", PRODUCTION, "/cms/some-group"))
    assert found.fqans == ("/cms", "/cms/Role=production", "/cms/some-group")
    assert found.claims == {"voms_vo": ["cms"], "voms_fqan": list(found.fqans), "voms_primary": ["/cms"]}
    assert found.ends == SPAN.ends.timestamp()


async def test_the_holder_may_be_named_as_the_standard_has_it(servers: Servers) -> None:
    assert (await said(servers, of_user(holder=USER.certificate.issuer))).vos == ("cms",)


async def test_several_vos_may_each_say_something(servers: Servers, tmp_path: Path) -> None:
    both = Servers(lsc(lsc(tmp_path, *NAMED), *NAMED, vo="atlas"), servers.authorities)
    atlas = certificate(SERVER, USER, Span(SPAN.begins, NOW + timedelta(hours=1)), "/atlas/Role=pilot", vo="atlas")
    found = await said(both, of_user(), atlas)
    assert (found.vos, found.fqans) == (("cms", "atlas"), ("/cms", "/atlas/Role=pilot"))
    assert found.ends == (NOW + timedelta(hours=1)).timestamp()


async def test_one_that_is_not_believed_spoils_no_other(servers: Servers) -> None:
    assert (await said(servers, certificate(SERVER, OTHER, SPAN), of_user())).vos == ("cms",)


SAID, KEY = of_user(PRODUCTION), ec.generate_private_key(ec.SECP256R1())

FORGED = {
    "of somebody else": lambda: certificate(SERVER, OTHER, SPAN),
    "of somebody else, by the name of who signed": lambda: certificate(SERVER, OTHER, SPAN, holder=CA.certificate.subject),
    "of another certificate of the same name": lambda: of_user(serial=USER.certificate.serial_number + 1),
    "of another name, with the same number": lambda: of_user(holder=OTHER.certificate.subject),
    "over": lambda: certificate(SERVER, USER, OVER),
    "to come": lambda: certificate(SERVER, USER, TO_COME),
    "signed with another key": lambda: of_user(signer=STRANGER),
    "signed by its holder": lambda: certificate(USER, USER, SPAN),
    "of a server that nobody listed": lambda: certificate(STRANGER, USER, SPAN),
    "of one that shows the certificate of another": lambda: certificate(STRANGER, USER, SPAN, shown=[SERVER]),
    "in the name of another": lambda: certificate(STRANGER, USER, SPAN, shown=[SERVER], signer=SERVER),
    "of one that says that it is another": lambda: of_user(shown=[STRANGER], signer=STRANGER),
    "of one whose authority is another": lambda: certificate(of_other_ca(), USER, SPAN),
    "of one that signed itself": lambda: certificate(of_itself(), USER, SPAN),
    "of an authority": lambda: certificate(CA, USER, SPAN),
    "of one that was revoked": lambda: certificate(GONE, USER, SPAN),
    "of one whose certificate is over": lambda: certificate(signed(CA, person("voms.example.org"), OVER), USER, SPAN),
    "of one whose key is not for that": lambda: certificate(for_encryption(), USER, SPAN),
    "without a certificate": lambda: of_user(shown=[]),
    "tampered with": lambda: of_user(PRODUCTION).replace(b"production", b"productioN"),
    "signed with SHA-1": lambda: of_user(algorithm=ECDSA_SHA1),
    "signed in another way than it says": lambda: of_user(inside=ECDSA_SHA1),
    "for another server": lambda: of_user(more=[targets("other.example.org")]),
    "for nobody": lambda: of_user(more=[targets()]),
    "for a group": lambda: of_user(more=[added(TARGETS, sequence(der(0xA1, der(0x86, b"rss.example.org"))), critical=True)]),
    "with what nobody understands": lambda: of_user(more=[added(UNKNOWN, b"\x05\x00", critical=True)]),
    "with targets twice": lambda: of_user(more=[targets(*NAMES), targets(*NAMES)]),
    "about another VO": lambda: of_user("/atlas/Role=production"),
    "about a VO whose name begins likewise": lambda: of_user("/cmsx"),
    "about two VOs": lambda: of_user("/cms", "/atlas"),
    "of a VO that has no server": lambda: of_user("/lhcb", vo="lhcb"),
    "of another server of the VO": lambda: of_user(host="voms2.example.org"),
    "of a VO that is a path": lambda: of_user(authority="../cms://voms.example.org:1"),
    "of a server that is a path": lambda: of_user(authority="cms://../cms/voms.example.org:1"),
    "of nobody": lambda: of_user(authority=""),
    "with an attribute that is no path": lambda: of_user("/cms/Role=a b"),
    "with an attribute in other letters": lambda: of_user("/cms/Role=pröduction"),
    "with too many attributes": lambda: of_user(*(f"/cms/g{number}" for number in range(300))),
    "of another version": lambda: of_user(version=0),
    "cut off": lambda: of_user()[:-1],
    "something else": lambda: sequence(integer(1)),
}


def of_other_ca() -> Holder:
    return signed(OTHER_CA, person("voms.example.org"), SPAN)


def of_itself() -> Holder:
    return authority(SPAN, "voms.example.org")


def for_encryption() -> Holder:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return signed(CA, person("voms.example.org"), SPAN, usage)


@pytest.mark.parametrize("sort", FORGED)
async def test_what_is_forged_counts_for_nothing(servers: Servers, sort: str) -> None:
    assert await said(servers, FORGED[sort]()) == NONE


@given(place=some.floats(0, 1, exclude_max=True), byte=some.integers(1, 255))
def test_with_any_byte_changed_nothing_is_believed(servers: Servers, place: float, byte: int) -> None:
    changed = bytearray(extension(SAID))
    changed[int(place * len(changed))] ^= byte
    shown = chains.leaf(proxy(USER, SPAN, attributes=bytes(changed), key=KEY).chain)
    assert Voms(servers)._checked(shown, NOW.timestamp()) == NONE


async def test_what_was_taken_from_another_counts_for_nothing(servers: Servers) -> None:
    assert (await said(servers, of_user())).vos == ("cms",)
    assert await said(servers, of_user(), by=OTHER) == NONE


async def test_one_that_is_meant_for_this_server_counts(servers: Servers) -> None:
    by_the_standard = added(TARGETS, sequence(der(0xA0, der(0x86, b"https://RSS.example.org:8443/"))), critical=True)
    for more in (targets("other.example.org", *NAMES), by_the_standard):
        assert (await said(servers, of_user(more=[more]))).vos == ("cms",)


async def test_a_clock_may_be_ahead_by_a_minute(servers: Servers) -> None:
    soon = Span(NOW + timedelta(seconds=59), NOW + timedelta(hours=1))
    assert (await said(servers, certificate(SERVER, USER, soon))).vos == ("cms",)


LISTED = {
    "the other way round": NAMED[::-1],
    "without who signed it": NAMED[:1],
    "with another authority": (NAMED[0], "/C=ch/O=DIRAC/CN=Other CA"),
    "in other letters": (NAMED[0].upper(), NAMED[1]),
    "with somebody in between": (NAMED[0], "/C=ch/O=DIRAC/CN=Between", NAMED[1]),
    "on both sides of a line": (NAMED[0], "------ NEXT CHAIN ------", NAMED[1]),
    "not at all": (),
}


@pytest.mark.parametrize("sort", LISTED)
async def test_a_server_has_to_be_listed_with_who_signed_it_in_order(servers: Servers, tmp_path: Path, sort: str) -> None:
    assert await said(Servers(lsc(tmp_path, *LISTED[sort]), servers.authorities), of_user()) == NONE


async def test_one_of_several_chains_is_enough(servers: Servers, tmp_path: Path) -> None:
    listed = lsc(tmp_path, "# a remark", "/CN=old", "/CN=Old CA", "------ NEXT CHAIN ------", *NAMED)
    assert (await said(Servers(listed, servers.authorities), of_user())).vos == ("cms",)


async def test_a_longer_chain_is_looked_at_as_far_as_it_is_listed(tmp_path: Path) -> None:
    ca = x509.BasicConstraints(ca=True, path_length=None)
    between = signed_authority("Between", ca)
    server = signed(between, person("voms.example.org"), SPAN)
    made = certificate(server, USER, SPAN, shown=[server, between])
    authorities = hashed(tmp_path / "certificates", CA)
    names = (NAMED[0], "/C=ch/O=DIRAC/CN=Between", NAMED[1])
    for listed in (names, names[:2], (*names, NAMED[1])):
        at = Servers(lsc(tmp_path / str(len(listed)), *listed), authorities, revoked=False)
        assert (await said(at, made)).vos == ("cms",)
    assert await said(Servers(lsc(tmp_path / "x", names[0], names[1], "/CN=x"), authorities, revoked=False), made) == NONE


def signed_authority(common: str, ca: x509.BasicConstraints) -> Holder:
    made = authority(SPAN, common)
    builder = x509.CertificateBuilder().subject_name(made.certificate.subject).issuer_name(CA.certificate.subject)
    builder = builder.public_key(made.key.public_key()).serial_number(7).add_extension(ca, critical=True)
    dated = builder.not_valid_before(SPAN.begins).not_valid_after(SPAN.ends)
    return Holder(dated.sign(CA.key, SHA256()), made.key)


async def test_who_vouches_for_itself_is_not_believed_even_among_the_authorities(tmp_path: Path) -> None:
    alone, subject = signed(CA, person("voms.example.org"), SPAN), person("voms.example.org")
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(alone.key.public_key())
    dated = builder.serial_number(1).not_valid_before(SPAN.begins).not_valid_after(SPAN.ends)
    server = Holder(dated.sign(alone.key, SHA256()), alone.key)
    at = Servers(lsc(tmp_path / "vomsdir", NAMED[0], NAMED[0]), hashed(tmp_path / "certificates", server), revoked=False)
    assert await said(at, certificate(server, USER, SPAN)) == NONE


async def test_an_authority_is_no_server_even_if_it_is_listed(tmp_path: Path) -> None:
    between = signed_authority("Between", x509.BasicConstraints(ca=True, path_length=None))
    listed = lsc(tmp_path / "vomsdir", "/C=ch/O=DIRAC/CN=Between", NAMED[1])
    at = Servers(listed, hashed(tmp_path / "certificates", CA), revoked=False)
    assert await said(at, certificate(between, USER, SPAN)) == NONE


@pytest.mark.parametrize(("bits", "counts"), [(1024, False), (2048, True)])
async def test_a_server_needs_a_key_that_is_long_enough(servers: Servers, bits: int, counts: bool) -> None:  # noqa: FBT001
    server = signed(CA, person("voms.example.org"), SPAN, key=rsa.generate_private_key(65537, bits))
    made = certificate(server, USER, SPAN, algorithm=RSA_SHA256)
    assert (await said(servers, made) != NONE) is counts


async def test_where_an_authority_must_tell_what_it_revoked_one_that_does_not_vouches_for_nobody(tmp_path: Path) -> None:
    folder, listed = hashed(tmp_path / "certificates", CA), lsc(tmp_path / "vomsdir", *NAMED)
    assert await said(Servers(listed, folder), of_user()) == NONE
    assert (await said(Servers(listed, folder, revoked=False), of_user())).vos == ("cms",)


async def test_authorities_may_be_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "all.pem").write_text(OTHER_CA.pem + CA.pem + revoked(CA, SPAN, [GONE]))
    servers = Servers(lsc(tmp_path / "vomsdir", *NAMED), tmp_path / "all.pem")
    assert (await said(servers, of_user())).vos == ("cms",)
    assert await said(servers, certificate(GONE, USER, SPAN)) == NONE


async def test_the_last_proxy_that_has_attributes_counts(servers: Servers) -> None:
    first = proxy(USER, SPAN, attributes=extension(of_user()))
    second = proxy(proxy(first, SPAN, attributes=extension(of_user(PRODUCTION))), SPAN)
    found = await Voms(servers).attributes(chains.leaf(second.chain), NOW.timestamp())
    assert found.fqans == ("/cms/Role=production",)


async def test_without_the_chain_nobody_can_tell_whose_they_are(servers: Servers) -> None:
    shown = leaf(proxy(USER, SPAN, attributes=extension(of_user())).headers["X-SSL-Cert"].encode())
    assert shown.attributes
    assert await Voms(servers).attributes(shown, NOW.timestamp()) == NONE


async def test_what_was_found_is_remembered_for_a_minute_and_no_longer_than_it_counts(servers: Servers, tmp_path: Path) -> None:
    folder = lsc(tmp_path, *NAMED)
    voms = Voms(Servers(folder, servers.authorities))
    made = certificate(SERVER, USER, Span(SPAN.begins, NOW + timedelta(seconds=180)))
    shown, now = chains.leaf(proxy(USER, SPAN, attributes=extension(made)).chain), NOW.timestamp()
    assert (await voms.attributes(shown, now)).vos == ("cms",)
    (folder / "cms" / "voms.example.org.lsc").unlink()
    assert (await voms.attributes(shown, now + 59)).vos == ("cms",)
    assert await voms.attributes(shown, now + 60) == NONE
    lsc(tmp_path, *NAMED)
    assert (await voms.attributes(shown, now + 170)).vos == ("cms",)
    assert await voms.attributes(shown, now + 180) == NONE


async def test_what_is_too_large_is_not_looked_at(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await said(servers, *[of_user()] * attribute_certificates.MOST)).vos == ("cms",)
    assert await said(servers, *[of_user()] * (attribute_certificates.MOST + 1)) == NONE
    monkeypatch.setattr(attribute_certificates, "LARGEST", 1000)
    assert await said(servers, of_user("/cms", *(f"/cms/group{number}" for number in range(100)))) == NONE
