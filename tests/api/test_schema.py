"""What the description promises, tried with made-up requests against a server, whoever sends them."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from gridmask.api.app import create_app
from gridmask.domain.rights import Grant, Role
from tests.api.conftest import in_folder
from tests.grid import ADMIN
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

# what is described are the routes; there need be nothing behind them. A stream would not end
SCHEMA = schemathesis.openapi.from_dict(create_app(cast("Installation", None)).openapi()).exclude(path_regex="/stream$")
SCHEMA.config.phases.coverage.enabled = False  # a thousand requests more
SCHEMA.config.checks.negative_data_rejection.expected_statuses.append("413")  # what is too much is not read at all

EXCEPT = [positive_data_acceptance, not_a_server_error, ignored_auth]
"""A well-formed request may make no sense, a source may fail, and no scheme of authentication is described."""

GRANTS = {
    "reader": Grant(Role.READER, "cms"),
    "operator": Grant(Role.OPERATOR, "cms"),
    "administrator": Grant(Role.ADMINISTRATOR, "all"),
}


class Guarded(NamedTuple):
    """A server that asks who asks, and headers by which somebody is known there."""

    address: str
    headers: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def guarded(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    grid = in_folder(folder)
    shown = asyncio.run(_tokens(grid))
    with served(grid, access={"reading": "vo"}) as address:
        yield Guarded(address, {"nobody": {}, "a liar": {"Authorization": "Bearer gridmask_no"}, **shown})


async def _tokens(grid: Grid) -> dict[str, dict[str, str]]:
    async with grid.open() as made:
        issued = [
            (who, await made.service_tokens.issue(ADMIN, who, [grant], timedelta(days=1), "a try"))
            for who, grant in GRANTS.items()
        ]
    return {who: {"Authorization": f"Bearer {token}"} for who, (_, token) in issued}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")  # schemathesis does, at times
@SCHEMA.parametrize()
@hypothesis.settings(max_examples=8, deadline=None, derandomize=True)
def test_every_answer_is_as_described(case: schemathesis.Case[Any], address: str) -> None:
    response = case.call_and_validate(base_url=address, excluded_checks=EXCEPT)
    assert response.status_code != 500


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@SCHEMA.parametrize()
@hypothesis.settings(max_examples=1, deadline=None, derandomize=True)
def test_whoever_asks_every_answer_is_as_described(case: schemathesis.Case[Any], guarded: Guarded) -> None:
    for who, headers in guarded.headers.items():
        response = case.call_and_validate(base_url=guarded.address, headers=headers, excluded_checks=EXCEPT)
        assert response.status_code != 500, who
        assert who != "a liar" or response.status_code in {401, 429}
