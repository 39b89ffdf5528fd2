from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.http import redacted

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789:@%!$&'()*+,;=-._~", min_size=1)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        ("https://anna:secret@example.org:8443/feed", "https://example.org:8443/feed"),
        ("https://se@cret@example.org/feed", "https://example.org/feed"),
        ("https://example.org/?show=all&past=1", "https://example.org/?show=all&past=1"),
        ("https://example.org/?access_token=hush&show=all", "https://example.org/?access_token=***&show=all"),
        ("https://example.org/?API-Key=hush", "https://example.org/?API-Key=***"),
        ("https://example.org/?to%6ben=hush", "https://example.org/?to%6ben=***"),
        ("https://example.org/?X-Amz-Signature=a=b", "https://example.org/?X-Amz-Signature=***"),
        ("https://example.org/?passwords", "https://example.org/?passwords"),
        ("https://example.org/#token=hush", "https://example.org/"),
        ("https://[::1]:80/feed", "https://[::1]:80/feed"),
        ("https://anna:hush@[::1/feed?x=1", "https://***"),
        ("file:///srv/feed.xml", "file:///srv/feed.xml"),
        ("https://anna:hu/sh@example.org/feed", "https://***"),
        ("anna:hush@example.org", "***"),
        ("file:///srv/a@b", "file:///srv/a@b"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_what_opens_doors(url: str, shown: str) -> None:
    assert redacted(url) == shown


@given(words.filter(lambda word: "HUSH" not in word), words)
def test_no_user_or_password_is_ever_shown(user: str, password: str) -> None:
    assert "HUSH" not in redacted(f"https://{user}:HUSH{password}@example.org/feed")


@given(st.text())
def test_any_text_can_be_redacted(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)
