"""Chains of certificates as a server sees them that speaks TLS itself; OpenSSL has checked the signatures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.access import chains
from gridmask.access.proxies import LIMITED, Standing
from gridmask.domain.errors import Unauthenticated
from tests.clocks import NOW
from tests.proxies import INDEPENDENT, Span, authority, person, proxy, signed

SPAN = Span.around(NOW)
CA = authority(SPAN)
USER = signed(CA, person("user"), SPAN)
OWNER = "/C=ch/O=DIRAC/CN=user"


def why(*pems: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        chains.leaf(pems)
    return str(caught.value)


def test_a_request_has_the_chain_of_its_connection() -> None:
    assert chains.shown({"tls": {"client_cert_chain": USER.chain}}) == USER.chain
    assert chains.shown({"tls": {"client_cert_chain": ()}}) == chains.shown({}) == ()


@pytest.mark.parametrize("proxies", range(4))
def test_however_many_proxies_there_are_the_owner_is_whoever_signed_the_first(proxies: int) -> None:
    holder = USER
    for _ in range(proxies):
        holder = proxy(holder, SPAN)
    found = chains.leaf((*holder.chain, CA.pem))
    assert (found.standing, found.issuer) == (Standing(OWNER, proxies), "/C=ch/O=DIRAC/CN=DIRAC CA")
    assert found.own == USER.certificate


def test_what_is_limited_once_stays_so() -> None:
    limited = proxy(USER, SPAN, language=LIMITED)
    for holder in (
        limited,
        proxy(limited, SPAN),
        proxy(proxy(limited, SPAN), SPAN),
        proxy(proxy(USER, SPAN), SPAN, language=LIMITED),
    ):
        assert chains.leaf(holder.chain).standing.is_limited
    assert not chains.leaf(proxy(proxy(USER, SPAN), SPAN).chain).standing.is_limited


def test_a_chain_counts_as_long_as_all_of_it() -> None:
    later, sooner = Span(NOW, NOW + timedelta(days=1)), Span(SPAN.begins, NOW + timedelta(hours=1))
    found = chains.leaf((*proxy(proxy(USER, sooner), later).chain, CA.pem))
    assert (found.begins, found.ends) == (NOW.timestamp(), (NOW + timedelta(hours=1)).timestamp())


def test_the_group_that_was_chosen_first_counts() -> None:
    first = proxy(USER, SPAN, group="users")
    assert chains.leaf(proxy(first, SPAN, group="admins").chain).group == "users"
    assert chains.leaf(proxy(proxy(USER, SPAN), SPAN, group="users").chain).group == "users"
    assert chains.leaf(USER.chain).group == ""


def test_the_attributes_that_were_added_last_count() -> None:
    first = proxy(USER, SPAN, attributes=b"1")
    assert chains.leaf(proxy(first, SPAN, attributes=b"2").chain).attributes == b"2"
    assert chains.leaf(proxy(first, SPAN).chain).attributes == b"1"


@pytest.mark.parametrize("position", [0, 1])
def test_a_proxy_of_another_sort_is_refused_wherever_it_is(position: int) -> None:
    sorts = [INDEPENDENT, LIMITED][:: 1 if position else -1]
    holder = proxy(proxy(USER, SPAN, language=sorts[0]), SPAN, language=sorts[1])
    assert "none of those that are accepted" in why(*holder.chain)


def test_names_have_to_fit_each_other() -> None:
    assert "another name" in why(*proxy(USER, SPAN, subject=person("user")).chain)
    assert "before RFC 3820" in why(signed(CA, person("user", ("CN", "proxy")), SPAN).pem)


def test_somebody_has_to_own_it() -> None:
    assert "without that of its owner" in why(proxy(USER, SPAN).pem)
    assert "authority" in why(CA.pem)
    assert "authority" in why(proxy(CA, SPAN).pem, CA.pem)


def test_what_is_too_long_or_none_is_refused() -> None:
    assert "More than 16" in why(*[USER.pem] * 17)
    assert "malformed" in why("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert "malformed" in why(proxy(USER, SPAN).pem, "x")
