"""Who somebody is by a certificate, and what that grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from gridmask.access.certificates import Certificates, Delegated, Terms
from gridmask.access.dirac_registry import read
from gridmask.access.granting import GrantRule
from gridmask.access.proxies import LIMITED
from gridmask.access.voms import Voms
from gridmask.access.voms_servers import Servers
from gridmask.domain.actor import ActorKind
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import VoRegistry
from tests import dirac
from tests.clocks import NOW, Clock, at
from tests.proxies import Span, authority, hashed, name, person, proxy, signed
from tests.voms import certificate, extension, lsc

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.access.identity import Identity
    from tests.proxies import Holder

SPAN = Span.around(NOW)
CA = authority(SPAN)
USER, STRANGER = signed(CA, person("user"), SPAN), signed(CA, person("stranger"), SPAN)
OWNER = "/C=ch/O=DIRAC/CN=user"
OPERATES, READS = Grant(Role.OPERATOR, "cms"), Grant(Role.READER, "cms")
TABLES: dirac.Table = {
    "DefaultGroup": "users",
    "Users": {"ciuser": {"DN": OWNER}, "long": {"DN": "/C=ch/O=DIRAC/CN=other"}},
    "Groups": {
        "admins": {"Users": "ciuser", "Properties": "SiteManager", "VO": "CMS"},
        "users": {"Users": "ciuser", "VO": "cms"},
        "everything": {"Users": "ciuser", "VO": "all", "Properties": "SiteManager"},
    },
    "Hosts": {"rss.example.org": {"DN": "/C=ch/O=DIRAC/CN=host/rss.example.org", "Properties": "SiteManager"}},
}
NO_TERMS = Terms()
REGISTRY = read(dirac.text({"Registry": TABLES}), "dirac.cfg")


async def vos() -> VoRegistry:
    return VoRegistry(frozenset({"cms", "atlas"}))


async def registry() -> Any:  # noqa: ANN401
    return REGISTRY


def rule(**when: str) -> Terms:
    return Terms((GrantRule(Role.OPERATOR, "cms", {claim: (pattern,) for claim, pattern in when.items()}),))


async def known(holder: Holder, terms: Terms = NO_TERMS, *, by_dirac: bool = False, clock: Clock | None = None) -> Identity:
    checks = Certificates(terms, vos, clock or Clock(), registry if by_dirac else None)
    return await checks.identify(quote(holder.pem, safe="").encode())


async def test_somebody_is_called_by_the_name_of_the_certificate() -> None:
    found = await known(USER)
    assert (found.name, found.issuer, found.kind) == (f"{OWNER}@x509", "/C=ch/O=DIRAC/CN=DIRAC CA", ActorKind.PERSON)
    assert (found.grants, found.expires_at) == (frozenset(), SPAN.ends.timestamp())


async def test_or_as_dirac_calls_them() -> None:
    found = await known(proxy(USER, SPAN), by_dirac=True)
    assert (found.name, found.issuer) == ("ciuser@x509", OWNER)


async def test_long_names_are_shortened_and_stay_apart() -> None:
    names = [(await known(signed(CA, person("user", ("odd", "u" * 150 + end)), SPAN))).name for end in "ab"]
    assert len({*names}) == 2
    assert all(len(name) <= 128 for name in names)


@pytest.mark.parametrize("pattern", [OWNER, "/C=ch/O=DIRAC/CN=*"])
async def test_a_subject_is_granted_something(pattern: str) -> None:
    assert (await known(proxy(USER, SPAN), rule(subject=pattern))).grants == {OPERATES}


@pytest.mark.parametrize("common", ["User", "user ", "user2", f"x {OWNER}", "usеr"])  # noqa: RUF001 - that is the point
async def test_who_is_called_nearly_so_is_somebody_else(common: str) -> None:
    try:
        grants = (await known(signed(CA, person(common), SPAN), rule(subject=OWNER))).grants
    except Unauthenticated:
        return
    assert not grants


async def test_words_of_a_name_are_no_names() -> None:
    sly = signed(CA, name(("O", "x admin y"), ("CN", "me")), SPAN)
    assert not (await known(sly, rule(subject="admin"))).grants


async def test_an_authority_can_be_asked_for_where_it_is_known() -> None:
    terms = rule(issuer="/C=ch/O=DIRAC/CN=DIRAC CA")
    assert (await known(USER, terms)).grants == {OPERATES}
    assert not (await known(proxy(USER, SPAN), terms)).grants
    other = signed(authority(SPAN, "Another CA"), person("user"), SPAN)
    assert not (await known(other, terms)).grants


async def test_dirac_grants_by_the_group_that_somebody_chose() -> None:
    assert (await known(proxy(USER, SPAN, group="admins"), by_dirac=True)).grants == {OPERATES, READS}
    assert (await known(proxy(USER, SPAN), by_dirac=True)).grants == {READS}
    assert not (await known(proxy(USER, SPAN, group="nobodys"), by_dirac=True)).grants


async def test_a_group_is_nothing_without_dirac_or_to_whom_it_does_not_know() -> None:
    terms = rule(dirac_group="admins")
    assert not (await known(proxy(USER, SPAN, group="admins"), terms)).grants
    stranger = signed(CA, person("stranger"), SPAN)
    assert not (await known(proxy(stranger, SPAN, group="admins"), terms, by_dirac=True)).grants
    assert not (await known(proxy(signed(CA, person("other"), SPAN), SPAN, group="admins"), terms, by_dirac=True)).grants


async def test_dirac_makes_nobody_anything_of_all() -> None:
    assert not (await known(proxy(USER, SPAN, group="everything"), by_dirac=True)).grants


async def test_a_host_is_a_service_and_no_vos_operator_by_itself() -> None:
    host = signed(CA, person("host/rss.example.org"), SPAN)
    found = await known(host, rule(dirac_host="rss.*"), by_dirac=True)
    assert (found.name, found.kind) == ("host/rss.example.org@x509", ActorKind.SERVICE)
    assert found.grants == {OPERATES}
    assert not (await known(host, by_dirac=True)).grants


async def test_a_limited_proxy_only_reads() -> None:
    assert (await known(proxy(USER, SPAN, language=LIMITED), rule(subject=OWNER))).grants == {READS}


async def test_of_a_limited_administrator_there_is_a_reader_left_and_of_a_reporter_nothing() -> None:
    rules = GrantRule(Role.ADMINISTRATOR, "all", {}), GrantRule(Role.REPORTER, "cms", {})
    found = await known(proxy(USER, SPAN, language=LIMITED), Terms(rules))
    assert found.grants == {Grant(Role.READER, "all")}


@pytest.mark.parametrize(("delegated", "grants"), [(Delegated.READ, {READS}), (Delegated.ACT, {OPERATES})])
async def test_what_a_proxy_of_a_proxy_may_do_is_a_choice(delegated: Delegated, grants: set[Grant]) -> None:
    twice = proxy(proxy(USER, SPAN), SPAN)
    assert (await known(twice, Terms(rule(subject=OWNER).rules, delegated))).grants == grants


async def test_it_can_be_refused() -> None:
    with pytest.raises(Unauthenticated, match="Proxies of proxies"):
        await known(proxy(proxy(USER, SPAN), SPAN), Terms(delegated=Delegated.REFUSE))
    assert (await known(proxy(USER, SPAN), Terms(delegated=Delegated.REFUSE))).name == f"{OWNER}@x509"


@pytest.mark.parametrize("holder", [signed(CA, person("user", ("CN", "7")), SPAN)])
async def test_somebody_whose_name_ends_in_a_number_is_not_taken_for_another_who_acts(holder: Holder) -> None:
    assert not (await known(holder, rule(subject=OWNER))).grants
    assert (await known(proxy(holder, SPAN), rule(subject=OWNER))).grants == {READS}


@pytest.mark.parametrize(("hours", "counts"), [(-1.1, False), (-1.01, True), (0, True), (11.99, True), (12, False)])
async def test_a_certificate_has_its_time(hours: float, counts: bool) -> None:  # noqa: FBT001
    clock = Clock(at(hours=hours))
    if counts:
        assert (await known(USER, clock=clock)).name == f"{OWNER}@x509"
        return
    with pytest.raises(Unauthenticated, match="expired"):
        await known(USER, clock=clock)


async def seen(holder: Holder, terms: Terms = NO_TERMS, voms: Voms | None = None, clock: Clock | None = None) -> Identity:
    """Who ``holder`` is, where the whole chain was seen."""
    return await Certificates(terms, vos, clock or Clock(), registry, voms).identify(holder.chain)


async def test_where_the_chain_is_seen_it_tells_of_the_authority_and_of_proxies_before_the_last() -> None:
    found = await seen(proxy(proxy(USER, SPAN, group="admins"), SPAN))
    assert (found.name, found.issuer, found.grants) == (
        "ciuser@x509",
        "/C=ch/O=DIRAC/CN=DIRAC CA",
        frozenset({OPERATES, READS}),
    )
    assert (await seen(proxy(proxy(USER, SPAN, group="admins", language=LIMITED), SPAN))).grants == {READS}
    assert OPERATES in (await seen(proxy(USER, SPAN), rule(issuer="/C=ch/O=DIRAC/CN=DIRAC CA"))).grants
    with pytest.raises(Unauthenticated, match="Proxies of proxies"):
        await seen(proxy(proxy(USER, SPAN), SPAN), Terms(delegated=Delegated.REFUSE))


async def test_the_chain_counts_as_long_as_each_in_it() -> None:
    sooner, clock = Span(SPAN.begins, at(hours=1)), Clock()
    holder = proxy(proxy(USER, sooner), SPAN)
    assert (await seen(holder, clock=clock)).expires_at == at(hours=1).timestamp()
    clock.advance(hours=1)
    with pytest.raises(Unauthenticated, match="expired"):
        await seen(holder, clock=clock)


async def test_attributes_of_voms_grant_as_long_as_they_count(tmp_path: Path) -> None:
    server, clock = signed(CA, person("voms"), SPAN), Clock()
    listed = lsc(tmp_path / "vomsdir", "/C=ch/O=DIRAC/CN=voms", "/C=ch/O=DIRAC/CN=DIRAC CA")
    voms = Voms(Servers(listed, hashed(tmp_path / "authorities", CA), revoked=False))
    said = extension(certificate(server, STRANGER, Span(SPAN.begins, at(hours=1)), "/cms/Role=production"))
    holder, terms = proxy(STRANGER, SPAN, attributes=said), rule(voms_primary="/cms/Role=production")
    found = await seen(holder, terms, voms, clock)
    assert (found.grants, found.expires_at) == (frozenset({OPERATES, READS}), at(hours=1).timestamp())
    assert (await seen(proxy(holder, SPAN, language=LIMITED), terms, voms, clock)).grants == {READS}
    assert not (await seen(holder, terms, None, clock)).grants
    clock.advance(hours=1)
    found = await seen(holder, terms, voms, clock)
    assert (found.grants, found.expires_at) == (frozenset(), SPAN.ends.timestamp())
