"""News as CloudEvents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from gridmask.actions.cloud_events import Form, in_header, posted
from gridmask.domain.news import Changes, News

WHEN = datetime(2026, 8, 21, 17, 0, 0, 5, tzinfo=UTC)
NEWS = News("revision-7", 9, WHEN, Changes(7, WHEN, "admin", "set", ()))
HERE = "https://gridmask.example.org"


def test_a_structured_event_has_all_in_one_document() -> None:
    kind, body, headers = posted(NEWS, Form.STRUCTURED, HERE)
    assert (kind, headers) == ("application/cloudevents+json; charset=utf-8", {})
    event = json.loads(body)
    assert event.pop("data")["revision"] == 7
    assert event == {
        "specversion": "1.0",
        "id": "revision-7",
        "source": HERE,
        "type": "gridmask.changes",
        "time": "2026-08-21T17:00:00.000005Z",
        "datacontenttype": "application/json",
    }


def test_a_binary_one_has_its_attributes_as_headers() -> None:
    kind, body, headers = posted(NEWS, Form.BINARY, HERE)
    assert kind == "application/json"
    assert body == posted(NEWS, Form.PLAIN).body
    told = ("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time")
    values = ("1.0", "revision-7", HERE, "gridmask.changes", "2026-08-21T17:00:00.000005Z")
    assert headers == dict(zip(told, values, strict=True))


@given(st.text())
def test_whatever_a_key_is_a_header_can_have_it(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    told = in_header(text)
    assert told.isascii()
    assert not any(character in told for character in ' "\r\n')
    assert unquote(told) == text
