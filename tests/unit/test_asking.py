from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.asking import Asking
from gridmask.http import Client
from gridmask.source import Source

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)


def asking(url: str, token_as: str = "") -> Asking:
    source = Source(name="source", kind="gocdb", url=url, token_as=token_as)
    return Asking(Client(lambda: NOW, transport=httpx2.AsyncBaseTransport()), source, NOW, token_as="x-api-key")


def test_a_file_is_one_document_a_folder_and_an_address_are_none(tmp_path: Path) -> None:
    assert asking((tmp_path / "sites.xml").as_uri()).is_document
    assert not asking(tmp_path.as_uri()).is_document
    assert not asking("https://goc.example.org/gocdbpi").is_document


@pytest.mark.parametrize(("written", "used"), [("", "x-api-key"), ("Authorization: Token", "Authorization: Token")])
def test_the_settings_say_as_what_a_token_is_sent_or_else_the_kind_does(written: str, used: str) -> None:
    assert asking("https://goc.example.org/", written).access.token_as == used
