from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Backoff, Limits, Network

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("limits.timeout", lambda: Limits(timeout=0)),
        ("limits.deadline", lambda: Limits(deadline=-1)),
        ("limits.deadline", lambda: Limits(deadline=float("nan"))),
        ("limits.max_bytes", lambda: Limits(max_bytes=0)),
        ("limits.max_redirects", lambda: Limits(max_redirects=-1)),
        ("limits.attempts", lambda: Limits(attempts=0)),
        ("backoff.first", lambda: Backoff(first=-1)),
        ("backoff.longest", lambda: Backoff(longest=-1)),
        ("backoff.jitter", lambda: Backoff(jitter=-1)),
        ("network.per_host", lambda: Network(per_host=0)),
    ],
)
def test_a_bound_that_cannot_be_is_refused_by_its_name(name: str, make: Callable[[], object]) -> None:
    with pytest.raises(InvalidConfiguration, match=f"{name}: must be"):
        make()


def test_no_redirects_and_one_attempt_are_possible() -> None:
    assert Limits(max_redirects=0, attempts=1).attempts == 1
