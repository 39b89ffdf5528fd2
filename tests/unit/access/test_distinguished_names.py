from __future__ import annotations

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from gridmask.access.distinguished_names import LONGEST, unescaped, written
from gridmask.domain.errors import Unauthenticated
from tests.proxies import TYPES, name


def refused(*parts: tuple[str, str]) -> bool:
    try:
        written(name(*parts).rdns)
    except Unauthenticated:
        return True
    return False


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((("C", "ch"), ("O", "DIRAC"), ("CN", "user")), "/C=ch/O=DIRAC/CN=user"),
        ((("DC", "ch"), ("DC", "cern"), ("CN", "host/rss.example.org")), "/DC=ch/DC=cern/CN=host/rss.example.org"),
        ((("CN", "Zoë Ünal, PhD"), ("Email", "zoe@example.org")), "/CN=Zoë Ünal, PhD/emailAddress=zoe@example.org"),
        ((("CN", "user"), ("odd", "x")), "/CN=user/1.3.6.1.4.1.99999.1=x"),
        ((("CN", "a=b+c"),), "/CN=a=b+c"),
    ],
)
def test_a_name_is_written_as_the_grid_writes_it(parts: tuple[tuple[str, str], ...], text: str) -> None:
    assert written(name(*parts).rdns) == text


@pytest.mark.parametrize(
    "value",
    [
        "user/CN=admin",
        "user/O=DIRAC/CN=admin",
        "user/1.2.3=x",
        "user\\xC3\\xA9",
        "user\0",
        "user\n/CN=admin",
        "user\u202enimda",
        "user\u200b",
        " ",
        " user",
        "user ",
    ],
)
def test_a_name_that_could_be_read_in_two_ways_is_refused(value: str) -> None:
    assert refused(("O", "DIRAC"), ("CN", value))


def test_a_part_with_two_attributes_is_refused() -> None:
    both = [x509.NameAttribute(TYPES[kind], "x") for kind in ("O", "CN")]
    with pytest.raises(Unauthenticated):
        written([x509.RelativeDistinguishedName(both)])


def test_a_name_that_is_too_long_is_refused() -> None:
    assert refused(("O", "DIRAC"), ("odd", "u" * LONGEST))


def test_nobody_has_no_name() -> None:
    with pytest.raises(Unauthenticated):
        written([])


PARTS = st.lists(st.tuples(st.sampled_from(["O", "CN", "odd"]), st.text("ab/=CNO.1 é\\", min_size=1, max_size=8)), min_size=1)


@given(PARTS, PARTS)
def test_two_names_are_never_written_alike(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    if not refused(*one) and not refused(*other):
        assert (written(name(*one).rdns) == written(name(*other).rdns)) == (one == other)


def test_letters_that_openssl_escapes_are_read() -> None:
    assert unescaped(r"/CN=Zo\xC3\xAB") == "/CN=Zoë"
    assert unescaped(r"/CN=\xFF") == "/CN=\N{REPLACEMENT CHARACTER}"
