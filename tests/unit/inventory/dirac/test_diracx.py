from __future__ import annotations

import json

import pytest

from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.dirac import diracx
from gridmask.inventory.dirac.diracx import NO_RESOURCES, read, section_of

REGISTRY = {"lhcb": {"IdP": {"URL": "https://idp.example.org"}, "Users": {}, "Groups": {}}, "CTA": {}}
TODAY = {"Computing": {"OSCompatibility": {"x86_64": ["el9"]}}}


def document(**sections: object) -> bytes:
    return json.dumps({"DIRAC": {"NoSetup": False}, "Registry": REGISTRY, **sections}).encode()


@pytest.mark.parametrize("sections", [{}, {"Resources": TODAY}, {"Resources": None}])
def test_without_resources_only_the_vos_are_taken_and_nothing_is_withdrawn(sections: dict[str, object]) -> None:
    found = read(document(**sections), "diracx")
    assert found.vos == {"lhcb", "cta"}
    assert (len(found.elements), found.conclusive) == (0, False)
    assert found.problems == (NO_RESOURCES,)


def test_resources_are_read_as_diracs() -> None:
    ce = {"CEType": "AREX", "VO": ["lhcb", "cta"], "Queues": {"q": {"maxCPUTime": 10, "Tag": None}}}
    resources = {**TODAY, "Sites": {"LCG": {"LCG.A.us": {"CEs": {"ce.example.org": ce}}}}}
    found = read(document(Resources=resources), "diracx")
    by_name = {key.name: element for key, element in found.elements.items()}
    assert by_name.keys() == {"LCG.A.us", "ce.example.org", "q@ce.example.org"}
    assert by_name["ce.example.org"].offered == {"lhcb", "cta"}
    assert by_name["q@ce.example.org"].facts["max_cpu_time"] == "10"
    assert (found.conclusive, found.problems) == (True, ())


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"Registry": []}', b"[" * 100_000, b'{"detail": "Not Found"}', b"\xff"]
)
def test_what_is_no_configuration_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="is this the address of DiracX's configuration"):
        read(body, "diracx")


def test_nesting_has_an_end() -> None:
    nested: dict[str, object] = {}
    for _ in range(100):
        nested = {"a": nested}
    with pytest.raises(MalformedAnswer, match="nested deeper"):
        read(document(Resources=nested), "diracx")


def test_a_list_is_a_list_of_texts() -> None:
    section = section_of({"a": ["x", 1, True, [["y"]], {"z": 1}], "b": True, "c": None}, "diracx")
    assert section.options == {"a": "x, 1, True", "b": "True"}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://diracx.example.org", "https://diracx.example.org/api/config/"),
        ("https://diracx.example.org/", "https://diracx.example.org/api/config/"),
        ("https://example.org/diracx/api/config/", "https://example.org/diracx/api/config/"),
        ("file:///srv/config.json", "file:///srv/config.json"),
        ("https://[", "https://["),
    ],
)
def test_the_host_is_enough_of_an_address(url: str, address: str) -> None:
    assert diracx.address(url) == address
