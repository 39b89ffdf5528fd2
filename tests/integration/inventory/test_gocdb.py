from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.dialects.sqlite import dialect

from gridmask.inventory.gocdb import read
from gridmask.inventory.reconcile import reconcile
from gridmask.store.columns import Encoded
from tests.gocdb import results, service, site

if TYPE_CHECKING:
    from gridmask.domain.element import Element


def from_the_store(element: Element) -> Element:
    column = Encoded(dict[str, object])
    stored = column.process_bind_param(dict(element.facts), dialect())
    return replace(element, facts=column.process_result_value(stored, dialect()) or {})


def test_facts_come_back_from_the_store_as_they_were() -> None:
    published = read([results(site(LATITUDE="1.5"), service(urls=["https://x.example.org/"]))], "goc")
    stored = {key: from_the_store(element) for key, element in published.elements.items()}
    assert not reconcile(stored, published, "goc")
