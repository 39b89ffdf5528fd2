from __future__ import annotations

import pytest

from gridmask.collectors.hosts import host_in, host_of


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("davs://dav.example.org:443/lhcb", "dav.example.org"),
        ("ce.physics.science.az:8443/cream-pbs-ops", "ce.physics.science.az"),
        ("https://aai.example.org/auth?x=y#z", "aai.example.org"),
        ("CE01.Example.ORG", "ce01.example.org"),
        ("ldap://bdii.example.org:2170/mds-vo-name=X,o=grid", "bdii.example.org"),
        ("srm://srm.example.org:8443/srm/managerv2?SFN=/a", "srm.example.org"),
        (" http://ce.example.org. ", "ce.example.org"),
        ("root://192.0.2.1:1094//", "192.0.2.1"),
        ("https://[2001:db8::10]:443/x", "2001:db8::10"),
        ("https://se_1.example.org", "se_1.example.org"),
        ("https://someone:secret@se.example.org/", "se.example.org"),
    ],
)
def test_the_host_is_told_from_an_address_however_it_is_written(address: str, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    "address",
    [
        *("", "n/a", "none", "localhost:8443", "see wiki.example.org", "/DC=org/CN=x", "https://", "https://[::1", "1.2.3"),
        *("-.org", "https://" + "a." * 130 + "org", "https://" + "a" * 64 + ".org"),
    ],
)
def test_what_is_no_address_has_no_host(address: str) -> None:
    assert not host_of(address)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("davs://se01.example.org:443/x", "se01.example.org"),
        ("se01.example.org:9100", "se01.example.org"),
        ("[2001:db8::1]:1094", "2001:db8::1"),
        ("se01", "se01"),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_what_stands_for_a_host_may_be_a_single_word(address: str, host: str) -> None:
    assert host_in(address) == host
