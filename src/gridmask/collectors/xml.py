"""An answer's XML as a tree, or a clear word on why it is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers.expat import errors as expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_HTML = re.compile(rb"[\s\xef\xbb\xbf]*(?:<(?:!--.*?--|\?xml.*?\?)>\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_LOOKED_AT = 1_000
"""How many bytes of an answer decide whether it is HTML."""

_CUT_OFF = frozenset(
    expat.codes[message]
    for message in (
        expat.XML_ERROR_NO_ELEMENTS,
        expat.XML_ERROR_UNCLOSED_TOKEN,
        expat.XML_ERROR_PARTIAL_CHAR,
        expat.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


def parse(body: bytes, root: str, place: str) -> Element:
    """The tree of ``body``, whose outermost element must be ``root``. Document types, entities and references are refused.

    Args:
        body: the answer as it came.
        root: the name that the outermost element must have.
        place: what the answer is called in an error, such as its source.

    Raises:
        MalformedAnswer: it is not such a document.
    """
    tree = document(body, root, place)
    if tree.tag != root:
        raise MalformedAnswer(place, f"the answer is a <{tree.tag[:80]}> document, not <{root}>. Check the address.")
    return tree


def document(body: bytes, expected: str, place: str) -> Element:
    """The tree of ``body``, whatever its outermost element; for sources whose errors are documents too.

    Args:
        body: the answer as it came.
        expected: the name that the outermost element should have, for the text of an error.
        place: what the answer is called in an error, such as its source.

    Raises:
        MalformedAnswer: it is no XML, or declares a document type or entities.
    """
    if not body.strip():
        raise MalformedAnswer(place, f"the answer is empty where a <{expected}> document should be.")
    if _HTML.match(body[:_LOOKED_AT]):
        raise MalformedAnswer(place, f"the answer is an HTML page, not a <{expected}> document. Check the address.")
    return _tree(body, place)


def _tree(body: bytes, place: str) -> Element:
    try:
        return fromstring(body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except ParseError as error:
        raise _not_xml(error, place) from error
    except DefusedXmlException as error:
        raise MalformedAnswer(place, "the answer declares a document type or entities, which is refused.") from error
    except (LookupError, ValueError) as error:  # what expat makes of an encoding that it cannot use
        raise MalformedAnswer(place, f"the answer's declared encoding cannot be read: {error}.") from error


def _not_xml(error: ParseError, place: str) -> MalformedAnswer:
    line, column = error.position
    what = "the answer is cut off" if error.code in _CUT_OFF else "the answer is not well-formed XML"
    reason = str(error).partition(":")[0]
    return MalformedAnswer(f"{place}, line {line}, column {column + 1}", f"{what} ({reason}).")
