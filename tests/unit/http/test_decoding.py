from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.http.decoding import PIECE, Gunzip, Plain, decoder_for

bodies = st.binary() | st.integers(0, 3 * PIECE).map(bytes)


def pieces(compressed: bytes, step: int) -> list[bytes]:
    decoder = Gunzip()
    found = [piece for start in range(0, len(compressed), step) for piece in decoder.feed(compressed[start : start + step])]
    decoder.finish()
    return found


@given(st.lists(bodies, min_size=1, max_size=4), st.integers(1, 5000))
def test_what_was_compressed_comes_back_however_it_is_cut(members: list[bytes], step: int) -> None:
    compressed = b"".join(gzip.compress(member) for member in members)
    assert b"".join(pieces(compressed, step)) == b"".join(members)


@given(st.integers(0, 3 * PIECE))
def test_no_piece_is_longer_than_allowed(size: int) -> None:
    assert all(0 < len(piece) <= PIECE for piece in pieces(gzip.compress(bytes(size)), 1_000_000))


@given(bodies, st.data())
def test_a_stream_that_ends_early_is_noticed(body: bytes, data: st.DataObject) -> None:
    compressed = gzip.compress(body)
    cut = data.draw(st.integers(0, len(compressed) - 1))
    with pytest.raises(EOFError):
        pieces(compressed[:cut], 1_000_000)


@pytest.mark.parametrize("junk", [b"plain", gzip.compress(b"one") + b"\0\0\0", gzip.compress(b"one")[:-8] + b"12345678"])
def test_what_is_no_gzip_is_noticed(junk: bytes) -> None:
    with pytest.raises(zlib.error):
        pieces(junk, 1_000_000)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_gzip_has_two_names(encoding: str) -> None:
    assert isinstance(decoder_for(encoding), Gunzip)


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_no_encoding_has_two_names(encoding: str) -> None:
    assert isinstance(decoder_for(encoding), Plain)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_other_encodings_are_not_known(encoding: str) -> None:
    assert decoder_for(encoding) is None
