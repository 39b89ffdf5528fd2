from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gridmask.dirac_rpc.encoding import MOST_NESTED, aware, decoded, encoded, naive
from gridmask.dirac_rpc.tables import FOREVER
from gridmask.domain.errors import InvalidRequest

MOMENT = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - DIRAC's are naive
FIRST = datetime(1000, 1, 1)  # noqa: DTZ001 - likewise


def test_a_moment_is_an_object_that_says_so() -> None:
    assert encoded([MOMENT]) == b'[{"__dCls":"dt","obj":"2026-01-02 03:04:05"}]'


@pytest.mark.parametrize("value", [MOMENT, FIRST, FOREVER, date(2026, 1, 2), b"\0\xff"])
def test_what_is_encoded_is_decoded(value: object) -> None:
    assert decoded(encoded({"a": [value, None, 1.5, "é"]}).decode()) == {"a": [value, None, 1.5, "é"]}


def test_characters_beyond_ascii_are_escaped() -> None:
    assert encoded("é☃") == b'"\\u00e9\\u2603"'


def test_tuples_arrive_as_lists() -> None:
    assert decoded(encoded((1, 2)).decode()) == [1, 2]


def test_fractions_of_a_second_are_not_told() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 999_999, UTC)
    assert naive(moment) == MOMENT
    assert aware(MOMENT) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        '{"__dCls": "System", "__dMod": "os", "obj": "x"}',
        '{"__dCls": "dt", "__dMod": "os", "obj": "2026-01-02 03:04:05"}',
        '{"__dCls": ["dt"], "obj": "2026-01-02 03:04:05"}',
        '{"__dCls": "dt"}',
        '{"__dCls": "dt", "obj": "yesterday"}',
        '{"__dCls": "b64", "obj": "no base64"}',
    ],
)
def test_an_object_of_a_class_that_does_not_belong_here_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"here|as DIRAC writes it"):
        decoded(text)


@pytest.mark.parametrize("text", ["", "[", "nul", "[NaN]", "[Infinity]", "[" * 100_000, '["\\ud800'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        decoded(text)


@pytest.mark.parametrize("text", ['["\\ud800"]', '[{"\\udfff": 1}]', '"a\\u0000"', '{"a": {"b": ["\\udc00x"]}}'])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is no text"):
        decoded(text)


def test_lines_tabs_and_all_scripts_are_text() -> None:
    assert decoded('"a\\n\\t\\u2603\\ud83d\\ude00"') == "a\n\t☃😀"


def test_an_object_that_says_something_twice_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="twice"):
        decoded('{"a": {"Name": 1, "Name": 2}}')


def test_what_nests_too_deep_is_refused() -> None:
    assert decoded("[" * MOST_NESTED + "]" * MOST_NESTED)
    with pytest.raises(InvalidRequest, match="nest deeper than 16"):
        decoded("[" * (MOST_NESTED + 2) + "]" * (MOST_NESTED + 2))
