from __future__ import annotations

import pytest

from gridmask.collectors.xml import parse
from gridmask.domain.errors import MalformedAnswer
from tests import osg

BOMB = b"""<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><ResourceSummary>&b;</ResourceSummary>"""
EXTERNAL = b"""<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><ResourceSummary>&x;</ResourceSummary>"""


def refusal(body: bytes) -> MalformedAnswer:
    with pytest.raises(MalformedAnswer) as caught:
        parse(body, "ResourceSummary", "osg")
    return caught.value


def test_a_document_with_the_right_root_is_a_tree() -> None:
    assert parse(osg.summary(osg.group("A")), "ResourceSummary", "osg").findtext("ResourceGroup/GroupName") == "A"


@pytest.mark.parametrize("body", [b"", b"   \n"])
def test_an_empty_answer_is_refused(body: bytes) -> None:
    assert str(refusal(body)) == "osg: the answer is empty where a <ResourceSummary> document should be."


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html>\n<html><body>Log in</body></html>",
        b"\xef\xbb\xbf <HTML>",
        b"<!-- hello --><html/>",
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html/>',
    ],
)
def test_a_web_page_is_recognised(body: bytes) -> None:
    assert "is an HTML page" in str(refusal(body))


def test_another_document_is_refused_by_its_root() -> None:
    assert (
        str(refusal(b"<Downtimes/>")) == "osg: the answer is a <Downtimes> document, not <ResourceSummary>. Check the address."
    )


@pytest.mark.parametrize("body", [BOMB, EXTERNAL, b"<!DOCTYPE ResourceSummary><ResourceSummary/>"])
def test_document_types_and_entities_are_refused(body: bytes) -> None:
    assert "declares a document type or entities" in str(refusal(body))


def test_what_is_no_xml_is_told_with_line_and_column() -> None:
    assert refusal(b"<ResourceSummary>\n<a></b>").place == "osg, line 2, column 6"
    assert "is not well-formed XML (mismatched tag)" in str(refusal(b"<ResourceSummary><a></b>"))


@pytest.mark.parametrize("body", [b"{}", b"502 Bad Gateway", b"\x1f\x8b\x08\x00", b"\x00\x00", b"<a>&nbsp;</a>"])
def test_anything_else_is_refused(body: bytes) -> None:
    assert "is not well-formed XML" in str(refusal(body))


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "gb2312", "idna", "undefined"])
def test_an_encoding_that_cannot_be_read_is_told(encoding: str) -> None:
    assert "encoding cannot be read" in str(refusal(f'<?xml version="1.0" encoding="{encoding}"?><ResourceSummary/>'.encode()))


def test_wherever_a_document_is_cut_off_it_is_refused() -> None:
    whole = osg.summary(osg.group("Ä", osg.resource("CE1", "CE", extra="<Tags><![CDATA[a]]></Tags><!-- b -->")))
    for length in range(1, len(whole)):
        assert "cut off" in str(refusal(whole[:length])) or "not well-formed" in str(refusal(whole[:length]))


def test_endless_nesting_is_no_trouble() -> None:
    assert "cut off" in str(refusal(b"<ResourceSummary>" * 10_000))
    assert "<a> document" in str(refusal(b"<a>" * 10_000 + b"</a>" * 10_000))
