"""The GOCDB readers on what GOCDB really answered, where a developer has it: every record is accounted for."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.collectors.gocdb import downtimes
from gridmask.collectors.gocdb.answer import Page
from gridmask.collectors.gocdb.service_types import names
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.naming import HostedService
from gridmask.domain.naming import names as names_it
from gridmask.inventory import gocdb

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.inventory.publication import Publication


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Path:
    return shared_data / "gocdb"


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> Path:
    return shared_data / "samples" / "gocdb"


def inventory(*files: Path) -> Publication:
    return gocdb.read([file.read_bytes() for file in files], "goc")


def states(publication: Publication) -> dict[str, bool]:
    return {str(key): element.in_service for key, element in publication.elements.items() if key.family != "Site"}


def test_every_downtime_is_read(real: Path) -> None:
    found = downtimes.read([(real / "gocdb_downtimes.xml").read_bytes()], "feed")
    assert {key.record: next(iter(downtime.targets)) for key, downtime in found.downtimes.items()} == {
        "123456G0": HostedService("mock1.foo1", "foo1-webdav"),
        "567890G0": HostedService("mock2.foo2", "foo2-bdii"),
        "11111G0": HostedService("mock3.foo3", "foo3-auu"),
    }
    assert Counter(downtime.severity for downtime in found.downtimes.values()) == {"OUTAGE": 2, "WARNING": 1}
    assert (found.conclusive, found.unreadable, found.problems) == (True, frozenset(), ())


def test_where_number_and_text_of_a_time_differ_the_number_counts(real: Path) -> None:
    found = downtimes.read([(real / "gocdb_downtimes.xml").read_bytes()], "feed")
    (odd,) = [downtime for key, downtime in found.downtimes.items() if key.record == "11111G0"]
    assert odd.interval.start == datetime(2022, 10, 27, 19, 46, 40, tzinfo=UTC)


def test_every_site_is_read(real: Path) -> None:
    found = inventory(real / "site.xml", real / "sites_biomed.xml")
    assert {key.name: element.in_service for key, element in found.elements.items()} == {
        "TU-Kosice": True,
        "IISAS-Bratislava": True,
        "prague_cesnet_lcg2_cert": False,
        "CNR-ILC-PISA": True,
        "AUVERGRID": True,
    }
    assert (found.conclusive, found.conflicts, found.problems) == (True, frozenset(), ())


def test_every_service_is_read(real: Path) -> None:
    files = [real / f"service_endpoint{which}.xml" for which in ("", "_biomed", "_with_contacts")]
    found = inventory(*(file for file in files), real / "site.xml")
    assert states(found) == {
        "ComputingElement grid13.gsi.de": False,
        "Accounting arc-ce01.gridpp.rl.ac.uk": True,
        "ComputingElement ce.physics.science.az": True,
        "IdentityProvider aai.egi.eu": True,
        "Accounting kalkan1.ulakbim.gov.tr": True,
        "Accounting cream-ce01.marie.hellasgrid.gr": True,
        "service.type some.fqdn.com": True,
        "service.type1 some.fqdn1.com": True,
        "service.type2 some.fqdn2.com": True,
    }
    assert (found.conclusive, found.conflicts) == (True, frozenset())
    assert len(found.problems) == 1 + 3  # the sites that are not listed, and the three kinds of service that there are not


def test_no_way_to_reach_a_person_is_kept(real: Path) -> None:
    found = inventory(real / "site.xml", real / "service_endpoint_with_contacts.xml", real / "topofeedpaging.xml")
    assert "removed" not in repr(found.elements)
    assert "@" not in repr(found.elements)


def test_a_page_says_where_it_goes_on_and_that_it_was_trimmed(real: Path) -> None:
    body = (real / "topofeedpaging.xml").read_bytes()
    assert Page.of(body, "goc").cursor() == 134
    found = gocdb.read([body], "goc")
    assert {key.name for key in found.elements} == {"FZ-JUELICH", "IGME-GR"}
    assert not found.conclusive
    assert "counts 95 records and holds 2" in found.problems[0]


def test_the_kinds_of_service_that_it_lists_are_known(real: Path) -> None:
    listed = re.findall("<SERVICE_TYPE_NAME>(.*?)<", (real / "service_types_gocdb.xml").read_text())
    kinds = names({})
    assert [kinds.type_of(name).name for name in listed] == [
        "IdentityProvider",
        "service.type.empty.desc",
        "Portal",
        "CloudCompute",
        "SERVICE.TYPE.UPPERCASE",
    ]
    assert len(list(kinds.problems())) == 2


def test_the_samples_of_downtimes_say_the_same_flat_and_nested(samples: Path) -> None:
    pages = [(samples / f"get_downtime_{page}.xml").read_bytes() for page in ("page1", "page2_overshoot")]
    flat = downtimes.read(pages, "feed")
    nested = downtimes.read([(samples / "get_downtime_nested_services.xml").read_bytes()], "feed")
    assert [key.record for key in flat.downtimes] == ["120190G0", "120202G0"]
    ((key, one),) = nested.downtimes.items()
    assert (flat.downtimes[key].targets, flat.downtimes[key].interval) == (one.targets, one.interval)
    assert flat.downtimes[key].description == "Kernel upgrade & reboot of all <CEs>"
    assert not (*flat.problems, *nested.problems)


def test_a_sample_downtime_finds_its_sample_service(samples: Path) -> None:
    found = inventory(samples / "get_site.xml", samples / "get_service_endpoint.xml")
    (announced,) = downtimes.read([(samples / "get_downtime_nested_services.xml").read_bytes()], "feed").downtimes.values()
    hit = [
        str(key) for key, element in found.elements.items() if any(names_it(target, element) for target in announced.targets)
    ]
    assert hit == ["WebDAV se01.example-site.org"]


def test_the_sample_of_an_error_is_told_in_its_words(samples: Path) -> None:
    with pytest.raises(MalformedAnswer, match="GOCDB refuses: Invalid parameter combination - do not specify startdate"):
        downtimes.read([(samples / "error.xml").read_bytes()], "feed")
