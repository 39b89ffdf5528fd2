"""Signatures of webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.actions.signing import Signing, signed
from gridmask.domain.errors import NotTold

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2021, 2, 25, 12, 33, 38, tzinfo=UTC)


def test_what_is_signed_is_the_id_the_moment_and_the_body() -> None:
    found = signed([b"0123456789abcdef"], "revision-1", WHEN, b"{}")
    expected = hmac.new(b"0123456789abcdef", b"revision-1.1614256418.{}", hashlib.sha256).digest()
    assert found["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert (found["webhook-id"], found["webhook-timestamp"]) == ("revision-1", "1614256418")


@pytest.mark.parametrize(
    ("key", "when", "body"), [("b", WHEN, b"{}"), ("a", WHEN.replace(second=39), b"{}"), ("a", WHEN, b"[]")]
)
def test_whatever_is_changed_needs_another_signature(key: str, when: datetime, body: bytes) -> None:
    secret = [b"0123456789abcdef"]
    assert signed(secret, key, when, body)["webhook-signature"] != signed(secret, "a", WHEN, b"{}")["webhook-signature"]


def test_each_secret_of_the_file_signs(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    encoded = base64.b64encode(b"another secret of 26 bytes").decode()
    file.write_text(f"0123456789abcdef\nwhsec_{encoded}\n")
    found = Signing(file).headers("a", WHEN, b"")["webhook-signature"].split(" ")
    each = [
        signed([secret], "a", WHEN, b"")["webhook-signature"] for secret in (b"0123456789abcdef", b"another secret of 26 bytes")
    ]
    assert found == each


@pytest.mark.parametrize("text", ["", "\n", "short", "whsec_!!!", "whsec_c2hvcnQ=", "0123456789abcdef\nshort"])
def test_a_file_without_a_good_secret_signs_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text(text)
    with pytest.raises(NotTold, match="secret"):
        Signing(tmp_path / "secret").headers("a", WHEN, b"")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotTold, match="No such file"):
        Signing(tmp_path / "gone").headers("a", WHEN, b"")
