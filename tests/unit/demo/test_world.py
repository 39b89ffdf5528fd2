from __future__ import annotations

import re
from collections import Counter

from gridmask.demo.world import GocdbSite, Resource, ResourceGroup, Service, World, the_world

WORLD = the_world()
A_SITE = GocdbSite("A", "A", "Norway", "NO", "NGI", "a.example.org", ("EGI",), (Service("ce", "ARC-CE"),), ("x",))
A_GROUP = ResourceGroup("G", "F", "Chile", "g.example.org", (Resource("G-CE", "ce", ("CE",), ("y",)),), ("x",))


def test_there_are_enough_sites_and_services_in_both_registries() -> None:
    services = sum(1 for _ in WORLD.services()) + sum(len(r.resource.services) for r in WORLD.resources())
    assert len(WORLD.gocdb) + len(WORLD.osg) >= 8
    assert len(WORLD.gocdb) >= 4 <= len(WORLD.osg)
    assert 60 <= len(WORLD.gocdb) + len(WORLD.osg) + services <= 120


def test_there_are_at_least_three_vos_and_some_services_are_for_some_of_them() -> None:
    vos = {vo for s in WORLD.services() for vo in s.vos} | {vo for r in WORLD.resources() for vo in r.vos}
    assert vos == {"astra", "borealis", "cygnus", "dorado"}
    assert any(not listed.vos for listed in WORLD.services())


def test_every_host_is_an_example() -> None:
    hosts = {s.hostname for s in WORLD.services()} | {r.fqdn for r in WORLD.resources()}
    assert all(re.fullmatch(r"[a-z0-9-]+\.[a-z]+\.example\.org", host) for host in hosts)


def test_no_registry_lists_a_service_twice() -> None:
    listed = Counter((s.hostname, s.service.type) for s in WORLD.services())
    named = Counter(r.resource.name for r in WORLD.resources())
    assert max(*listed.values(), *named.values()) == 1


def test_one_service_is_listed_by_both_registries_under_different_names() -> None:
    shared = {s.hostname for s in WORLD.services()} & {r.fqdn for r in WORLD.resources()}
    assert shared == {"ce2.laguna.example.org"}


def test_a_service_that_names_no_vo_is_for_those_of_its_site() -> None:
    assert next(World((A_SITE,)).services()).vos == ("x",)


def test_a_resource_that_names_vos_is_for_these_alone() -> None:
    assert next(World(osg=(A_GROUP,)).resources()).vos == ("y",)


def test_a_target_is_a_site_a_host_or_one_service_of_a_host() -> None:
    site, host, one = (WORLD.services_called(target) for target in ("FJELL-T1", "ps.fjell.example.org", _LATENCY))
    assert (len(site), len(host), len(one)) == (16, 2, 1)


def test_a_target_of_osg_is_a_group_or_a_resource() -> None:
    assert len(WORLD.resources_called("Redwood")) == 7
    assert [r.resource.name for r in WORLD.resources_called("Mesa-CE")] == ["Mesa-CE"]


_LATENCY = "ps.fjell.example.org/net.perfSONAR.Latency"
