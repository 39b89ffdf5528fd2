"""Conditional requests and errors, as DiracX has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.settings import DiracXRest
from tests.api.diracx_rest.conftest import ACCESS, ROUTES
from tests.issuer import RSA

if TYPE_CHECKING:
    from tests.api.diracx_rest.conftest import Asking
    from tests.grid import Grid


@pytest.mark.parametrize("route", ROUTES)
async def test_an_answer_comes_with_validators_without_quotes_that_end_with_the_vo(asking: Asking, route: str) -> None:
    answer = await asking.get(route)
    assert answer.headers["ETag"].endswith("-lhcb")
    assert '"' not in answer.headers["ETag"]
    assert "Authorization" in answer.headers["Vary"]
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("form", ["{}", '"{}"', 'W/"{}"', 'a, "{}"', "*"])
async def test_who_has_it_is_told_so_without_a_body(asking: Asking, form: str) -> None:
    tag = (await asking.get("site")).headers["ETag"]
    answer = await asking.get("site", If_None_Match=form.format(tag))
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert "Authorization" in answer.headers["Vary"]


async def test_moments_count_as_in_diracx(asking: Asking, grid: Grid) -> None:
    grid.clock.advance(seconds=5)
    await asking.get("site")
    grid.clock.advance(seconds=5)
    told = (await asking.get("site")).headers["Last-Modified"]
    future, past = "Mon, 1 Apr 9999 00:42:42 GMT", "Mon, 1 Apr 2000 00:42:42 GMT"
    for tag, moment, status in (("x", future, 304), ("x", past, 200), ("x", "wrong", 200), ("x", told, 200)):
        assert (await asking.get("site", If_None_Match=tag, If_Modified_Since=moment)).status_code == status
    assert (await asking.get("site", If_Modified_Since=told)).status_code == 304
    assert (await asking.get("site", If_Modified_Since=past)).status_code == 200


async def test_the_validator_of_one_vo_says_nothing_to_another(asking: Asking) -> None:
    tag = (await asking.get("site")).headers["ETag"]
    answer = await asking.get("site", "cms", If_None_Match=tag)
    assert (answer.status_code, answer.headers["ETag"]) == (200, tag.replace("lhcb", "cms"))


async def test_a_head_is_told_without_the_body(asking: Asking) -> None:
    answer = await asking.client.head("/api/rss/site", headers=asking.bearer())
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_can_be_written_here(asking: Asking, method: str) -> None:
    answer = await asking.client.request(method, "/api/rss/site", headers=asking.bearer())
    assert (answer.status_code, answer.json(), answer.headers["Allow"]) == (405, {"detail": "Method Not Allowed"}, "GET, HEAD")


@pytest.mark.parametrize("path", ["/api/rss", "/api/rss/", "/api/rss/sites", "/api/rss/site/", "/api/rss/site/x"])
async def test_there_is_nothing_but_the_four_routes(asking: Asking, path: str) -> None:
    assert (await asking.client.get(path, headers=asking.bearer())).status_code == 404


@pytest.mark.parametrize(
    ("shown", "status", "detail"),
    [
        (None, 401, "Authorization header is missing"),
        ("Bearer x", 401, "What was sent as a token is none that is accepted here."),
        ("Bearer a.b.c", 401, "What was sent as a token is none."),
        ("Basic YTpi", 400, "Show a token: 'Authorization: Bearer TOKEN'."),
        ("token", 400, "Show a token: 'Authorization: Bearer TOKEN'."),
        ("Bearer ", 400, "Show a token: 'Authorization: Bearer TOKEN'."),
    ],
)
async def test_who_proves_nothing_is_told_so_as_diracx_does(
    asking: Asking, shown: str | None, status: int, detail: str
) -> None:
    answer = await asking.client.get("/api/rss/site", headers={"Authorization": shown} if shown is not None else {})
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"iss": "https://other.example.org/"},
        {"aud": "https://other.example.org/"},
        {"key": RSA},
        {"header": {"kid": "unknown"}},
    ],
)
async def test_a_token_that_does_not_count_opens_nothing(asking: Asking, claims: dict[str, Any]) -> None:
    answer = await asking.client.get("/api/rss/site", headers=asking.bearer(**claims))
    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("claims", [{"vo": None}, {"vo": "nobody"}, {"vo": "all"}, {"vo": ["lhcb", "cms"]}])
async def test_a_token_that_names_no_vo_or_several_is_told_so(asking: Asking, claims: dict[str, Any]) -> None:
    answer = await asking.client.get("/api/rss/site", headers=asking.bearer(**claims))
    assert answer.status_code == 400
    assert ("cms, lhcb" if claims["vo"] == ["lhcb", "cms"] else "'?vo=NAME'") in answer.json()["detail"]


async def test_the_vo_of_the_token_is_told_whatever_is_asked_for(asking: Asking) -> None:
    answer = await asking.client.get("/api/rss/site?vo=cms", headers=asking.bearer())
    assert answer.headers["ETag"].endswith("-lhcb")


async def test_who_belongs_to_several_vos_says_which(asking: Asking) -> None:
    headers = asking.bearer(vo=["lhcb", "cms"])
    for vo in ("lhcb", "cms"):
        answer = await asking.client.get("/api/rss/site", params={"vo": vo.upper()}, headers=headers)
        assert answer.headers["ETag"].endswith(f"-{vo}")
    assert (await asking.client.get("/api/rss/site?vo=all", headers=headers)).status_code == 403
    assert (await asking.client.get("/api/rss/site?vo=nope", headers=headers)).status_code == 404


async def test_requests_are_counted(asking: Asking) -> None:
    await asking.get("site")
    told = await asking.client.get("/metrics", headers=asking.bearer())
    assert 'route="/api/rss/{of}"' in told.text


class TestOfAnEmptyStore:
    @pytest.fixture
    def more(self) -> dict[str, Any]:
        return {**ACCESS, "database": "ephemeral", "source": ()}

    @pytest.mark.parametrize("route", ROUTES)
    async def test_an_answer_about_nothing_has_a_validator_that_says_so(self, asking: Asking, route: str) -> None:
        answer = await asking.get(route)
        assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (200, {}, "empty-0-lhcb")
        assert (await asking.get(route, If_None_Match="empty-0-lhcb")).status_code == 304
        assert (await asking.get(route, "cms", If_None_Match="empty-0-lhcb")).status_code == 200


class TestWithoutAuthentication:
    @pytest.fixture
    def more(self) -> dict[str, Any]:
        return {}

    async def test_the_vo_has_to_be_named(self, asking: Asking) -> None:
        answer = await asking.client.get("/api/rss/site")
        assert (answer.status_code, "'?vo=NAME'" in answer.json()["detail"]) == (400, True)
        for vo in ("cms", "all"):
            assert (await asking.client.get("/api/rss/site", params={"vo": vo})).headers["ETag"].endswith(f"-{vo}")

    async def test_names_of_other_machines_are_not_answered_to(self, asking: Asking) -> None:
        answer = await asking.client.get("/api/rss/site?vo=cms", headers={"Host": "evil.example.org"})
        assert answer.status_code == 421


class TestWithAVoInTheSettings:
    @pytest.fixture
    def more(self) -> dict[str, Any]:
        return {"diracx_rest": DiracXRest(enabled=True, vo="LHCb"), "access": {"reading": "public"}}

    async def test_strangers_get_its_mask_unless_they_name_another(self, asking: Asking) -> None:
        assert (await asking.client.get("/api/rss/site")).headers["ETag"].endswith("-lhcb")
        assert (await asking.client.get("/api/rss/site?vo=cms")).headers["ETag"].endswith("-cms")


class TestUnlessItIsSwitchedOn:
    @pytest.fixture
    def more(self) -> dict[str, Any]:
        return {"diracx_rest": DiracXRest(), **ACCESS}

    async def test_the_door_is_closed(self, asking: Asking) -> None:
        assert (await asking.get("site")).status_code == 404
