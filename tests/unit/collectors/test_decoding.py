from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gridmask.collectors.decoding import expecting
from gridmask.domain.errors import MalformedAnswer


@pytest.mark.parametrize("body", [b"", b"<html>", b"7", b'{"a": "\xff"}', b"[" * 100_000, b'{"a":' * 100_000])
def test_what_cannot_be_read_is_told_with_what_it_should_be(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match=r"^fts: is no list of links: .+\.$"), expecting("list of links", "fts"):
        msgspec.json.decode(body, type=dict[str, Any])


def test_what_is_wrong_otherwise_is_told_as_it_is() -> None:
    with pytest.raises(KeyError), expecting("list of links", "fts"):
        raise KeyError


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>Log in</html>", b"\xef\xbb\xbf{}", b"\x1f\x8b\x08"])
def test_what_is_no_json_at_all_is_told_in_words_that_help(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="A page for people is none"), expecting("list", "x"):
        msgspec.json.decode(body)
