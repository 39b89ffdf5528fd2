from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.gocdb.topology import questions, read
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.gocdb import read as publication
from tests.gocdb import error, meta, results, service, site


def test_services_are_asked_for_before_their_sites() -> None:
    assert [question["method"] for question in questions("")] == ["get_service_endpoint", "get_site"]
    assert {question["scope"] for question in questions("EGI,wlcg")} == {"EGI,wlcg"}


def test_services_without_a_single_site_are_not_believed() -> None:
    with pytest.raises(MalformedAnswer, match="goc: lists services and not one site"):
        read([results(meta=meta(0)), results(service(), meta=meta(1))], "goc")


def test_one_document_may_hold_services_alone() -> None:
    assert len(read([results(service())], "goc").elements) == 2


def test_while_sites_are_missing_a_service_at_one_of_them_stays_as_it_was() -> None:
    found = read([results(site(), meta=meta(2)), results(service(SITENAME="OTHER"), service("b.example.org"))], "goc")
    assert {element.key.name for element in found.elements} == {"EXAMPLE", "b.example.org"}
    assert found.unreadable == {ElementKey("Resource", "ComputingElement", "ce.example.org")}
    assert not found.conclusive


def test_an_error_refuses_everything() -> None:
    with pytest.raises(MalformedAnswer, match="page 2 of goc: GOCDB refuses: Too busy"):
        read([results(site()), error("Too busy")], "goc")


RECORDS = [
    *(site(f"S{n}", f"{n}G0", CERTIFICATION_STATUS=status) for n, status in enumerate(("Certified", "Closed", "?"))),
    site("S0", "9G0"),
    *(
        service(f"h{n % 3}.example.org", kind, f"{n}G0", SITENAME=f"S{n % 4}", URL=f"https://u{n}.example.org/")
        for n, kind in enumerate(("ARC-CE", "CE", "webdav", "WebDAV", "Oracle") * 4)
    ),
    service("x.example.org", IN_PRODUCTION="?"),
]
WHOLE = publication([results(*RECORDS)], "goc")


@given(st.permutations(RECORDS), st.integers(len(RECORDS) // 3, len(RECORDS)))
def test_neither_order_nor_size_of_pages_matters(shuffled: list[str], size: int) -> None:
    pages = [results(*shuffled[start : start + size]) for start in range(0, len(shuffled), size)]
    found = publication(pages, "goc")
    assert (found.elements, found.conflicts, found.types) == (WHOLE.elements, WHOLE.conflicts, WHOLE.types)
    assert found.conclusive
