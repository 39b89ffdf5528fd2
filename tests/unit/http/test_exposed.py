"""Secrets in files that everybody can read are remarked on, and used all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gridmask.http import Access
from gridmask.inspection.fetching import remark_on_secrets
from gridmask.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def file(folder: Path, name: str, mode: int) -> Path:
    path = folder / name
    path.write_text("secret")
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("mode", "exposed"), [(0o644, True), (0o604, True), (0o640, False), (0o600, False), (0o400, False)])
def test_a_token_that_everybody_can_read_is_exposed(tmp_path: Path, mode: int, *, exposed: bool) -> None:
    token = file(tmp_path, "token", mode)
    assert list(Access(token_file=token).exposed()) == ([("token_file", token)] if exposed else [])


def test_a_certificate_is_a_secret_only_where_it_holds_the_key(tmp_path: Path) -> None:
    certificate, key = file(tmp_path, "cert.pem", 0o644), file(tmp_path, "key.pem", 0o600)
    assert list(Access(certificate, key).exposed()) == []
    assert list(Access(certificate).exposed()) == [("certificate", certificate)]


def test_what_is_not_there_is_passed_over(tmp_path: Path) -> None:
    assert list(Access(token_file=tmp_path / "none").exposed()) == []


def test_it_is_told_in_the_log_with_source_and_file(tmp_path: Path) -> None:
    token = file(tmp_path, "token", 0o644)
    with capture_logs() as logged:
        remark_on_secrets([Source(name="tickets", kind="x", url="https://example.org", token_file=token), source()])
    assert [(entry["log_level"], entry["source"], entry["option"], entry["file"]) for entry in logged] == [
        ("warning", "tickets", "token_file", str(token))
    ]


def source() -> Source:
    return Source(name="open", kind="x", url="https://example.org")
