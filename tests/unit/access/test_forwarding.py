"""Which proxies are believed."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from gridmask.access.forwarding import Forwarding, secrets_in
from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

SECRET, OTHER = b"0123456789abcdef" * 2, b"fedcba9876543210" * 2
HERE = (ip_network("127.0.0.1/32"),)


@pytest.mark.parametrize(("peer", "believed"), [("127.0.0.1", True), ("127.0.0.2", False), ("", False), ("x", False)])
def test_without_a_secret_the_address_is_believed(peer: str, believed: bool) -> None:  # noqa: FBT001
    assert Forwarding(HERE).believes(peer, {}) is believed


@pytest.mark.parametrize(
    ("shown", "believed"), [(SECRET, True), (OTHER, True), (SECRET[:-1], False), (SECRET + b"x", False), (b"", False)]
)
def test_with_secrets_one_of_them_has_to_be_shown(shown: bytes, believed: bool) -> None:  # noqa: FBT001
    forwarding = Forwarding(HERE, (SECRET, OTHER))
    assert forwarding.believes("127.0.0.1", {b"gridmask-proxy-secret": shown}) is believed
    assert not forwarding.believes("127.0.0.2", {b"gridmask-proxy-secret": shown})


def test_with_secrets_who_shows_none_is_not_believed() -> None:
    assert not Forwarding(HERE, (SECRET,)).believes("127.0.0.1", {})


def test_the_file_has_a_secret_a_line(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(SECRET + b"\n" + OTHER + b"\n")
    assert secrets_in(path) == (SECRET, OTHER)


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"x" * 513, "é".encode() * 32, (SECRET + b"\n") * 9])
def test_a_file_without_a_good_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(InvalidConfiguration, match="should have a secret a line"):
        secrets_in(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        secrets_in(tmp_path / "secret")
