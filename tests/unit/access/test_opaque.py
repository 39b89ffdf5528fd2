"""Service tokens: those that there are, and those that somebody invents."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gridmask.access.opaque import MOST_STRANGE, REMEMBERED_FOR, Minted, ServiceTokens, called, mint
from gridmask.domain.errors import Unauthenticated
from gridmask.domain.rights import Grant, Role
from gridmask.domain.service_token import ServiceToken

NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)


class Books:
    """Where tokens are looked up, which takes as long as ``answers`` is not set."""

    def __init__(self) -> None:
        self.now = NOON
        self.kept: dict[str, tuple[ServiceToken, str]] = {}
        self.asked = self.at_once = self.most = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.tokens = ServiceTokens(self.find, lambda: self.now)

    def issue(self, name: str = "probes") -> Minted:
        made = mint()
        grants = frozenset({Grant(Role.READER, "cms")})
        self.kept[made.id] = ServiceToken(made.id, name, grants, "admin", NOON, NOON + timedelta(days=1), "x"), made.digest
        return made

    async def find(self, number: str) -> tuple[ServiceToken, str] | None:
        self.asked, self.at_once = self.asked + 1, self.at_once + 1
        self.most = max(self.most, self.at_once)
        await self.answers.wait()
        self.at_once -= 1
        return self.kept.get(number)


@pytest.fixture
def books() -> Books:
    return Books()


async def test_who_shows_a_token_is_called_as_no_person_is(books: Books) -> None:
    identity = await books.tokens.identify(books.issue("root").shown)
    assert (identity.name, identity.kind, identity.issuer) == ("root@gridmask", "service", "gridmask")
    assert identity.name == called("root")


@pytest.mark.parametrize(
    "shown", ["gridmask_aaaaaaaaaaaa_", "gridmask_AAAAAAAAAAAA_" + "x" * 43, "gridmask_../../../etc_" + "x" * 43]
)
async def test_what_has_not_the_form_of_a_token_is_not_even_looked_up(books: Books, shown: str) -> None:
    with pytest.raises(Unauthenticated):
        await books.tokens.identify(shown)
    assert books.asked == 0


async def test_the_right_id_with_another_secret_opens_nothing(books: Books) -> None:
    with pytest.raises(Unauthenticated):
        await books.tokens.identify(f"gridmask_{books.issue().id}_{'x' * 43}")


async def test_invented_tokens_without_end_keep_nobody_who_is_known_from_the_books(books: Books) -> None:
    known = books.issue()
    await books.tokens.identify(known.shown)
    books.now += REMEMBERED_FOR
    books.answers.clear()
    flood = [asyncio.create_task(books.tokens.identify(mint().shown)) for _ in range(50)]
    ours = asyncio.create_task(books.tokens.identify(known.shown))
    await asyncio.sleep(0)
    assert books.at_once == MOST_STRANGE + 1
    books.answers.set()
    assert (await ours).name == "probes@gridmask"
    refused = await asyncio.gather(*flood, return_exceptions=True)
    assert {type(error) for error in refused} == {Unauthenticated}
    assert books.most == MOST_STRANGE + 1
