"""From a probe and the inventory to targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.vo import VoRegistry
from gridmask.probes.aiming import Aimed, aimed
from gridmask.probes.making import made
from tests.probing import probe

VOS = VoRegistry(frozenset({"cms", "atlas"}), {"c.m.s": "cms"})


def element(name: str = "SE 1", **told: Any) -> Element:  # noqa: ANN401
    given = {"hosts": ("se1.example.org", "se2.example.org"), "tags": frozenset({"disk"}), **told}
    return Element(ElementKey("Resource", "WebDAV", name), "SITE", **given)


def aim(*elements: Element, kind: str = "webdav", **told: Any) -> Aimed:  # noqa: ANN401
    [one] = made([probe(kind, told.pop("url", ""), **told)])
    return aimed(one, elements or (element(),), VOS)


def where(found: Aimed) -> list[str]:
    return [str(target) for target in found.targets]


def test_the_first_host_is_probed_or_each() -> None:
    assert where(aim()) == ["https://se1.example.org/"]
    assert where(aim(hosts="all")) == ["https://se1.example.org/", "https://se2.example.org/"]


def test_what_stands_in_braces_is_filled_in_and_quoted() -> None:
    found = aim(url="https://{host}:8443/{site}/{type}/{name}/{vo}")
    assert where(found) == ["https://se1.example.org:8443/SITE/WebDAV/SE%201/all"]


def test_a_probe_for_vos_is_made_for_each_that_the_element_is_offered_to() -> None:
    given: dict[str, Any] = {"url": "https://{host}/{vo}", "vos": ["C.M.S", "atlas"], "token_file": "/run/{vo}.token"}
    found = aim(element(offered=frozenset({"cms"})), element("SE2", hosts=("b.example.org",)), **given)
    assert where(found) == [
        "https://se1.example.org/cms for cms",
        "https://b.example.org/cms for cms",
        "https://b.example.org/atlas for atlas",
    ]
    assert [target.credentials.access.token_file for target in found.targets][-1] == Path("/run/atlas.token")


def test_a_vo_that_is_not_known_is_a_problem_and_the_others_are_probed() -> None:
    found = aim(vos=["cms", "ligo"])
    assert (len(found.targets), "no VO called 'ligo'" in found.problems[0]) == (1, True)


def test_what_does_not_match_or_is_not_in_service_is_not_probed() -> None:
    assert aim(element(in_service=False)).targets == ()
    assert aim(match={"tags": "!disk"}).targets == ()
    assert len(aim(match={"site": "SI*", "type": ["X", "WebDAV"]}).targets) == 1


def test_what_has_no_host_is_told() -> None:
    found = aim(element(hosts=()))
    assert (found.targets, found.problems) == ((), ("WebDAV SE 1 is not probed: it has no host.",))


def test_many_problems_are_counted() -> None:
    found = aim(*(element(f"SE{n}", hosts=()) for n in range(30)))
    assert (len(found.problems), found.problems[-1]) == (21, "... and 10 more like these.")


FACTS = {"services": [{"endpoint_url": "https://x.example.org:2443/dav"}, {"endpoint_url": "y.example.org:99/"}, {}]}


def test_an_address_comes_from_a_fact() -> None:
    assert where(aim(element(facts=FACTS), fact="services.endpoint_url")) == ["https://x.example.org:2443/dav"]
    both = aim(element(facts=FACTS), fact="services.endpoint_url", hosts="all", url="davs://{host}:{port}/{vo}")
    assert where(both) == ["davs://x.example.org:2443/all", "davs://y.example.org:99/all"]


@pytest.mark.parametrize(
    ("facts", "told"),
    [({}, "it has no fact 'url' with an address"), ({"url": "https:///x"}, "there is no host in 'https:///x'")],
)
def test_a_fact_without_an_address_is_told(facts: dict[str, object], told: str) -> None:
    assert told in aim(element(facts=facts), fact="url").problems[0]


def test_ipv6_addresses_are_hosts_too() -> None:
    assert where(aim(element(hosts=("2001:db8::1",)))) == ["https://[2001:db8::1]/"]
    assert where(aim(element(facts={"url": "https://[2001:db8::1]:8443/x"}), fact="url")) == ["https://[2001:db8::1]:8443/x"]
