from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from gridmask.diracx_rest.conditional import has_it, last_modified, names

ETAG = "0123456789abcdef-lhcb"
SINCE = datetime(2026, 8, 21, 17, 0, 5, 700_000, tzinfo=UTC)
NOW = SINCE + timedelta(hours=1)
FUTURE, PAST = "Mon, 1 Apr 9999 00:42:42 GMT", "Mon, 1 Apr 2000 00:42:42 GMT"


def known(tags: str | None, moment: str | None, now: datetime = NOW) -> bool:
    given = {b"if-none-match": tags, b"if-modified-since": moment}
    return has_it({name: value.encode("latin-1") for name, value in given.items() if value is not None}, ETAG, SINCE, now)


@pytest.mark.parametrize(
    "tags", [ETAG, f'"{ETAG}"', f'W/"{ETAG}"', f"W/{ETAG}", "*", " * ", f'"a", "{ETAG}"', f"a,{ETAG} ,b", f'"x,y",W/"{ETAG}"']
)
def test_a_reader_has_what_it_names_with_quotes_or_without(tags: str) -> None:
    assert known(tags, None)


@pytest.mark.parametrize(
    "tags", ["", "wrong", f"{ETAG}x", f"x{ETAG}", f'"x,{ETAG}"', f'"{ETAG}', f'"{ETAG.upper()}"', "0123456789abcdef-cms", "é"]
)
def test_a_reader_has_nothing_else(tags: str) -> None:
    assert not known(tags, None)


@pytest.mark.parametrize(
    ("tags", "moment", "has"),
    [
        (ETAG, PAST, True),
        (ETAG, FUTURE, True),
        (ETAG, "wrong format", True),
        ("wrong", PAST, False),
        ("wrong", "wrong format", False),
        ("wrong", FUTURE, True),
        (None, FUTURE, True),
        (None, PAST, False),
        (None, "wrong format", False),
        (None, "", False),
        (None, FUTURE + " " * 100, False),
    ],
)
def test_validators_and_moments_are_understood_as_diracx_does(tags: str | None, moment: str, has: bool) -> None:  # noqa: FBT001
    assert known(tags, moment) == has


def test_beside_a_wrong_validator_no_moment_counts_that_a_server_could_have_told() -> None:
    assert not known("wrong", format_datetime(NOW, usegmt=True))
    assert not known("wrong", last_modified(SINCE, NOW).decode())


def test_who_gives_back_the_moment_that_was_told_has_it() -> None:
    assert known(None, last_modified(SINCE, NOW).decode())
    assert last_modified(SINCE, NOW) == b"Fri, 21 Aug 2026 17:00:06 GMT"


def test_a_moment_in_the_second_of_the_change_says_nothing() -> None:
    at_once = SINCE + timedelta(milliseconds=100)
    told = last_modified(SINCE, at_once)
    assert told == b"Fri, 21 Aug 2026 17:00:04 GMT"
    assert not known(None, told.decode(), at_once)


@pytest.mark.parametrize(
    "moment", ["Fri, 21 Aug 2026 19:00:06 +0200", "Friday, 21-Aug-26 17:00:06 GMT", "Fri Aug 21 17:00:06 2026"]
)
def test_a_moment_can_be_written_in_several_ways(moment: str) -> None:
    assert known(None, moment)


def test_a_long_list_is_read_quickly() -> None:
    assert not names("," * 60_000 + " " * 60_000 + '"' * 60_000, ETAG)
