from __future__ import annotations

import pytest

from gridmask.conditional import chosen, has_it, takes_gzip


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a" ', "*", " * ", '"x,y", "a"'])
def test_a_reader_has_what_it_names(header: str) -> None:
    assert has_it(header, '"a"')


@pytest.mark.parametrize("header", ['"b"', "a", "", '"A"', '"a', '"b*"', '"x"a"y"'])
def test_a_reader_has_nothing_else(header: str) -> None:
    assert not has_it(header, '"a"')


@pytest.mark.parametrize("header", ["gzip", "br, GZIP;q=0.5", "*", "deflate,gzip ; q=1.0"])
def test_a_reader_takes_what_it_names(header: str) -> None:
    assert takes_gzip(header)


@pytest.mark.parametrize("header", ["", "identity", "br", "gzip;q=0", "gzip;q=0.000, br", "*;q=0", "gzip;q=0, *"])
def test_a_reader_does_not_take_what_it_refuses_or_never_named(header: str) -> None:
    assert not takes_gzip(header)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip;q=0.8", "gzip"),
        ("gzip;q=0.5, zstd;q=0.5", "zstd"),
        ("GZIP", "gzip"),
        ("*", "gzip"),
        ("*;q=0.1, zstd", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("br", ""),
        ("", ""),
        ("identity", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, *;q=0", ""),
        ("zstd;q=nonsense, gzip", "gzip"),
        ("zstd;q=1.5", ""),
        ("zstd ; Q=1.000", "zstd"),
        (",, zstd,", "zstd"),
    ],
)
def test_a_reader_gets_what_it_wants_most(header: str, coding: str) -> None:
    assert chosen(header) == coding
