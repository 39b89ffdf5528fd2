from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest

from gridmask.collectors.osg.record import OsgRecord
from gridmask.collectors.osg.vos import allowed, shares
from gridmask.domain.errors import MalformedAnswer
from tests import osg


def offered(in_resource: str = "", in_service: str = "") -> frozenset[str]:
    resource = fromstring(osg.resource("CE1", osg.service("CE", in_service), extra=in_resource))
    service = resource.find("Services/Service")
    assert service is not None
    return allowed(OsgRecord(resource, "Resource 'CE1'"), OsgRecord(service, "CE of Resource 'CE1'"))


def owners(inside: str) -> dict[str, int]:
    return shares(OsgRecord(fromstring(f"<Resource><VOOwnership>{inside}</VOOwnership></Resource>"), "Resource 'CE1'"))


def ownership(vo: str, percent: str) -> str:
    return f"<Ownership><Percent>{percent}</Percent><VO>{vo}</VO></Ownership>"


@pytest.mark.parametrize(
    "restriction",
    [
        "<AllowedVOs><VO>CMS</VO><VO>Atlas</VO></AllowedVOs>",
        "<AllowedVOs><AllowedVO><ID>7</ID><Name>CMS</Name></AllowedVO><AllowedVO><Name>Atlas</Name></AllowedVO></AllowedVOs>",
        "<AllowedVOs>CMS, Atlas</AllowedVOs>",
        "<AllowedVOs>\n  cms atlas\n</AllowedVOs>",
        "<AllowedVOs>CMS</AllowedVOs><AllowedVOs>ATLAS</AllowedVOs>",
        "<AllowedVOs>CMS<also>Atlas</also></AllowedVOs>",
        "<AllowedVOs><also/>CMS;ATLAS</AllowedVOs>",
    ],
)
def test_allowed_vos_restrict_in_whatever_way_they_are_written(restriction: str) -> None:
    assert offered(in_resource=restriction) == {"cms", "atlas"}
    assert offered(in_service=restriction) == {"cms", "atlas"}


@pytest.mark.parametrize(
    "restriction",
    [
        "",
        "<AllowedVOs/>",
        "<AllowedVOs> </AllowedVOs>",
        "<AllowedVOs>(Information not available)</AllowedVOs>",
        "<AllowedVOs><VO>ANY</VO></AllowedVOs>",
        "<AllowedVOs><VO>CMS</VO><VO>any</VO></AllowedVOs>",
        "<AllowedVOs>Any_Public</AllowedVOs>",
    ],
)
def test_without_a_restriction_everyone_is_allowed(restriction: str) -> None:
    assert offered(in_resource=restriction) == frozenset()
    assert offered(in_service=restriction) == frozenset()


def test_the_services_own_restriction_counts_first() -> None:
    assert offered("<AllowedVOs>CMS</AllowedVOs>", "<AllowedVOs>LIGO</AllowedVOs>") == {"ligo"}
    assert offered("<AllowedVOs>CMS</AllowedVOs>", "<AllowedVOs>ANY</AllowedVOs>") == frozenset()


def test_an_empty_restriction_of_the_service_leaves_that_of_the_resource() -> None:
    assert offered("<AllowedVOs>CMS</AllowedVOs>", "<AllowedVOs/>") == {"cms"}


def test_a_name_that_no_vo_can_have_lets_nobody_in() -> None:
    assert offered("<AllowedVOs><VO>(Other)</VO><VO>CMS</VO></AllowedVOs>") == {"cms"}


@pytest.mark.parametrize("name", ["(Other)", "all", "???"])
def test_a_restriction_to_nobody_that_can_be_does_not_open_it_to_everyone(name: str) -> None:
    with pytest.raises(MalformedAnswer, match="AllowedVOs names no VO that can be"):
        offered(f"<AllowedVOs><VO>{name}</VO></AllowedVOs>")


def test_owners_have_shares_by_canonical_name_and_others_keep_their_spelling() -> None:
    assert owners(ownership("CMS", "60") + ownership("(Other)", "40")) == {"cms": 60, "(Other)": 40}


def test_shares_of_one_owner_add_up() -> None:
    assert owners(ownership("CMS", "60") + ownership("cms", "20")) == {"cms": 80}


@pytest.mark.parametrize("inside", ["", "(Information not available)", ownership("", "5"), ownership("CMS", "some")])
def test_what_is_no_share_is_left_out(inside: str) -> None:
    assert owners(inside) == {}
