"""How many connections there may be, and from where."""

from __future__ import annotations

import resource
from ipaddress import ip_network

import pytest

from gridmask.access.settings import Limits
from gridmask.api.crowd import Crowd

PROXY = ip_network("198.51.100.1/32")


def test_beyond_what_there_is_room_for_none_is_taken() -> None:
    crowd = Crowd(Limits(connections=2))
    assert [crowd.enter(address) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3")] == [True, True, False]
    crowd.leave("192.0.2.1")
    assert crowd.enter("192.0.2.3")


@pytest.mark.parametrize(
    ("address", "same", "let_in"),
    [
        ("192.0.2.1", "192.0.2.1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", True),
        ("2001:db8::1", "2001:db8::2", False),
        ("2001:db8::1", "2001:db8:0:1::1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "::1", True),
        ("198.51.100.1", "198.51.100.1", True),
        ("::ffff:198.51.100.1", "198.51.100.1", True),
    ],
)
def test_nobody_has_all_the_room_but_proxies_and_this_machine(address: str, same: str, let_in: bool) -> None:  # noqa: FBT001
    crowd = Crowd(Limits(connections_each=1), [PROXY])
    assert crowd.enter(address)
    assert crowd.enter(same) is let_in


def test_no_more_are_taken_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 258))
    monkeypatch.setattr(resource, "setrlimit", lambda _, to: raised.append(to))
    crowd = Crowd(Limits())
    crowd.fit()
    assert raised == [(258, 258)]
    assert [crowd.enter(f"192.0.2.{n}") for n in range(130)].count(True) == 129


def test_where_files_are_plenty_nothing_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: pytest.fail("raised in vain"))
    Crowd(Limits()).fit()
