from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.quantities import fraction, percent, roughly, size


@pytest.mark.parametrize(
    ("text", "bytes_", "shown"),
    [
        ("5 TB", 5 * 10**12, "5 TB"),
        ("0.1TB", 10**11, "100 GB"),
        ("0.1 TiB", 109_951_162_778, "0.1 TiB"),
        (" 5 TiB ", 5 * 2**40, "5 TiB"),
        ("0 B", 0, "0 B"),
        ("12345678 B", 12_345_678, "12345678 B"),
        ("1.5 MB", 1_500_000, "1.5 MB"),
        ("1 KiB", 1024, "1 KiB"),
    ],
)
def test_a_size_is_written_with_its_unit(text: str, bytes_: int, shown: str) -> None:
    found = size(text)
    assert (found, str(found), size(found)) == (bytes_, shown, bytes_)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (5, "5 is not a size; write a number and a unit, such as '5 TB' or '0.5 TiB'"),
        ("5", "'5' is not a size; write a number and a unit"),
        ("-5 TB", "'-5 TB' is not a size; write"),
        ("5 tb", "there is no unit 'tb'; did you mean 'TB'?"),
        ("5 tons", "there is no unit 'tons'; there are B, kB, MB"),
        ("9999 EB", "more than a thousand exabytes"),
        ("9" * 5000 + " TB", "more than a thousand exabytes"),
    ],
)
def test_what_is_no_size_is_refused(value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        size(value)


@given(st.integers(0, 10**21))
def test_a_size_reads_as_it_was_written(bytes_: int) -> None:
    assert size(str(size(f"{bytes_} B"))) == bytes_


@pytest.mark.parametrize("value", [0, 0.9, 1, 1.0])
def test_a_fraction_is_a_number_from_0_to_1(value: float) -> None:
    assert fraction(value) == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (90, "90 is not a fraction; write a number from 0 to 1, did you mean 0.9?"),
        ("90%", "did you mean 0.9?"),
        ("62.5 %", "did you mean 0.625?"),
        (-0.1, "such as 0.9"),
        (101, "such as 0.9"),
        (True, "True is not a fraction"),
        (float("nan"), "nan is not a fraction"),
        ([], "[] is not a fraction"),
    ],
)
def test_what_is_no_fraction_is_refused(value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        fraction(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (4.9996e12, "4.999 TB"), (99.9e9, "99.9 GB"), (0.57e12, "570 GB"), (5 * 2**40, "5.497 TB")],
)
def test_sizes_are_cut_for_people(number: float, text: str) -> None:
    assert roughly(number) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (0.29, "29 %"), (0.89999, "89.99 %"), (2 / 3, "66.66 %")])
def test_shares_are_cut_for_people(share: float, text: str) -> None:
    assert percent(share) == text
