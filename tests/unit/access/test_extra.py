"""What DIRAC's clients say of themselves beside their certificate, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from gridmask.access.certificates import Certificates, Terms
from gridmask.access.dirac_registry import read
from gridmask.access.doorkeeper import Doorkeeper, Shown
from gridmask.access.extra import Extra, extra_of
from gridmask.access.granting import GrantRule
from gridmask.domain.actor import ActorKind
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.vo import VoRegistry
from tests import dirac
from tests.clocks import NOW, Clock
from tests.proxies import Span, authority, person, proxy, signed

if TYPE_CHECKING:
    from gridmask.access.identity import Identity
    from tests.proxies import Holder

SPAN = Span.around(NOW)
CA = authority(SPAN)
USER, OTHER = signed(CA, person("user"), SPAN), signed(CA, person("other"), SPAN)
TRUSTED, PLAIN = signed(CA, person("trusted"), SPAN), signed(CA, person("plain"), SPAN)
DN = "/C=ch/O=DIRAC/CN={}"
ADMIN = GrantRule(Role.ADMINISTRATOR, "all", {"subject": ("*",)})
OPERATES, READS = Grant(Role.OPERATOR, "cms"), Grant(Role.READER, "cms")
TABLES: dirac.Table = {
    "Users": {"user": {"DN": DN.format("user")}, "idle": {"DN": DN.format("idle"), "Suspended": "cms"}},
    "Groups": {
        "admins": {"Users": ["user", "idle"], "Properties": "SiteManager", "VO": "cms"},
        "users": {"Users": "user", "VO": "cms"},
    },
    "Hosts": {
        "trusted": {"DN": DN.format("trusted"), "Properties": "TrustedHost"},
        "plain": {"DN": DN.format("plain"), "Properties": "SiteManager"},
    },
}
REGISTRY = read(dirac.text({"Registry": TABLES}), "dirac.cfg")


async def vos() -> VoRegistry:
    return VoRegistry(frozenset({"cms"}))


async def registry() -> Any:  # noqa: ANN401
    return REGISTRY


async def known(holder: Holder, extra: Extra | None, *rules: GrantRule, by_dirac: bool = True) -> Identity:
    checks = Certificates(Terms(rules), vos, Clock(), registry if by_dirac else None)
    return await checks.identify(quote(holder.pem, safe="").encode(), extra)


def for_user(group: str = "admins", name: str = "user") -> Extra:
    return Extra(group, DN.format(name))


async def test_a_trusted_host_asks_in_the_name_of_a_user_with_what_the_registry_says_of_that() -> None:
    found = await known(TRUSTED, for_user())
    assert (found.name, found.issuer, found.kind) == ("user@x509", DN.format("trusted"), ActorKind.PERSON)
    assert found.grants == {OPERATES, READS}
    assert (await known(TRUSTED, for_user("users"))).grants == {READS}


async def test_it_borrows_nothing_of_what_the_certificate_of_either_is_granted() -> None:
    assert Grant(Role.ADMINISTRATOR, "all") in (await known(USER, None, ADMIN)).grants
    assert Grant(Role.ADMINISTRATOR, "all") in (await known(TRUSTED, None, ADMIN)).grants
    assert (await known(TRUSTED, for_user(), ADMIN)).grants == {OPERATES, READS}


@pytest.mark.parametrize("who", [PLAIN, USER, OTHER, proxy(TRUSTED, SPAN), proxy(USER, SPAN, group="admins")])
async def test_nobody_else_asks_in_the_name_of_others(who: Holder) -> None:
    with pytest.raises(Unauthenticated, match="Only a host with the property TrustedHost"):
        await known(who, for_user())


@pytest.mark.parametrize(
    "extra",
    [
        for_user("nogroup"),
        for_user("hosts"),
        for_user(name="idle"),
        for_user(name="stranger"),
        for_user(name="plain"),
        Extra("hosts", DN.format("plain")),
        Extra("admins", "user"),
        Extra("admins", DN.format("USER")),
    ],
)
async def test_whom_the_registry_does_not_let_in_a_trusted_host_does_not_either(extra: Extra) -> None:
    with pytest.raises(Unauthenticated, match="knows no user"):
        await known(TRUSTED, extra)


async def test_without_a_registry_no_host_is_trusted() -> None:
    with pytest.raises(Unauthenticated, match="TrustedHost"):
        await known(TRUSTED, for_user(), by_dirac=False)


async def test_that_a_host_is_one_of_the_hosts_is_known() -> None:
    assert await known(PLAIN, Extra("hosts")) == await known(PLAIN, None)
    assert (await known(OTHER, Extra("hosts"))).name == f"{DN.format('other')}@x509"
    assert (await known(USER, Extra("hosts"), by_dirac=False)).name == f"{DN.format('user')}@x509"


@pytest.mark.parametrize(("who", "group"), [(USER, "hosts"), (proxy(USER, SPAN), "hosts"), (PLAIN, "admins")])
async def test_who_claims_to_be_what_the_registry_says_they_are_not_is_refused(who: Holder, group: str) -> None:
    with pytest.raises(Unauthenticated, match="does not know"):
        await known(who, Extra(group))


async def test_a_user_without_a_proxy_chooses_a_group_by_saying_so() -> None:
    assert (await known(USER, Extra("admins"))).grants == {OPERATES, READS}
    assert (await known(USER, Extra("nogroup"))).grants == frozenset()


async def test_what_a_proxy_says_of_the_group_counts_for_more() -> None:
    assert (await known(proxy(USER, SPAN, group="users"), Extra("admins"))).grants == {READS}
    # of a proxy of it, one before it may have said something else
    assert (await known(proxy(proxy(USER, SPAN), SPAN), Extra("admins"))).grants == frozenset()


@pytest.mark.parametrize(
    "said", [1, True, {}, [], ["a"], ["a", "b", "c"], ["a", 1], [1, "a"], ["", "a"], ["a", ""], ["a", False]]
)
def test_what_makes_no_sense_is_refused(said: object) -> None:
    with pytest.raises(Unauthenticated, match="extraCredentials"):
        extra_of(said)


def test_what_says_nothing_is_nothing() -> None:
    assert (extra_of(""), extra_of(None), extra_of("hosts"), extra_of(["a", "b"])) == (
        None,
        None,
        Extra("hosts"),
        Extra("b", "a"),
    )


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer x"}, {"session": "x"}])
async def test_without_a_certificate_nobody_asks_in_the_name_of_others(shown: dict[str, Any]) -> None:
    keeper = Doorkeeper("public", certificates=Certificates(Terms(), vos, Clock(), registry))
    with pytest.raises(Unauthenticated, match="trusted host"):
        await keeper.admit(Shown("192.0.2.1", "1", extra=for_user(), **shown))
