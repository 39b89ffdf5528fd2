from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidConfiguration, TooLarge, Unreachable
from gridmask.http import Answer, NotModified, Validators
from tests.integration.http.conftest import LIMITS

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.conftest import Clock


async def test_a_file_is_read_like_any_source(client: Client, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "a b.xml"
    file.write_bytes(b"<xml/>")
    answer = await client.get(file.as_uri())
    assert answer.body == b"<xml/>"
    assert answer.provenance.url == file.as_uri()
    assert (answer.provenance.status, answer.provenance.fetched_at) == (200, clock.now)


async def test_a_file_that_stayed_the_same_is_not_modified(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "feed"
    file.write_bytes(b"one")
    known = (await client.get(file.as_uri())).provenance.validators
    assert isinstance(await client.get(file.as_uri(), known), NotModified)
    file.write_bytes(b"two")
    again = await client.get(file.as_uri(), known)
    assert isinstance(again, Answer)
    assert again.body == b"two"


async def test_a_file_is_bounded_like_any_source(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "feed"
    file.write_bytes(bytes(LIMITS.max_bytes + 1))
    with pytest.raises(TooLarge):
        await client.get(file.as_uri())


async def test_a_missing_file_is_unreachable(client: Client, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="No such file"):
        await client.get((tmp_path / "gone").as_uri(), Validators('"1"'))


async def test_a_file_is_asked_for_however_often_it_failed(client: Client, clock: Clock, tmp_path: Path) -> None:
    url = (tmp_path / "gone").as_uri()
    for _ in range(5):
        with pytest.raises(Unreachable):
            await client.get(url)
    assert client.breaker(url).allows(clock.now)


async def test_a_file_on_another_machine_is_a_wrong_configuration(client: Client) -> None:
    with pytest.raises(InvalidConfiguration, match="another machine") as error:
        await client.get("file://anna:secret@example.org/feed")
    assert "secret" not in str(error.value)
