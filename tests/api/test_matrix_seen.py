from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmask.portal.matrix.seen import Seen
from gridmask.store.wordings import Mark

NOW = datetime(2026, 8, 21, 17, 0, 1, 999, tzinfo=UTC)


def test_what_was_seen_is_read_as_it_was_written() -> None:
    seen = Seen.now(Mark(3, 14, 15), 0xBEEF, NOW)
    assert str(seen) == "3-14-15-0000beef-1787331601"
    assert Seen.parse(str(seen)) == seen


@pytest.mark.parametrize("said", ["", "3", "3-14-15-xyz-1", "3-14-15-0000beef-", "-1-2-3-0000beef-1", "3-14-15-0000beef-1 "])
def test_what_nobody_wrote_says_nothing(said: str) -> None:
    assert Seen.parse(said) is None
