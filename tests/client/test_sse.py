from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.api.streams import frame
from gridmask.service.news import News
from gridmask_client.errors import TooLarge
from gridmask_client.sse import Event, Events

NEWS = st.builds(
    News, st.sampled_from(["mask", "delta"]), st.integers(0, 10**6), st.text("ab:\u00fc\n", min_size=1).map(str.encode)
)


@given(st.lists(NEWS, max_size=4), st.lists(st.integers(1, 9), min_size=1))
def test_however_it_is_cut_what_was_sent_is_heard(sent: list[News], cuts: list[int]) -> None:
    text = b"retry: 1500\n\n" + b":\n\n".join(frame(one).plain for one in sent)
    events, heard, at = Events(10**6), list[Event](), 0
    while at < len(text):
        size = cuts[at % len(cuts)]
        heard += events.take(text[at : at + size])
        at += size
    assert heard == [Event(news.event, news.data) for news in sent]
    assert events.retry == 1.5


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_end_in_any_of_three_ways(end: bytes) -> None:
    text = end.join((b"event:x", b"data:1", b"data: 2", b"odd", b"", b"data: 3", b"", b":"))
    events = Events(99)
    heard = [event for byte in text for event in events.take(bytes([byte]))]
    assert heard == [Event("x", b"1\n2"), Event("message", b"3")]


def test_an_event_without_an_end_is_given_up() -> None:
    events = Events(10)
    with pytest.raises(TooLarge):
        [[*events.take(b"d")] for _ in range(11)]
