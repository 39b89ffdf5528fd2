"""Calls as clients of DIRAC post them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from gridmask.dirac_rpc.encoding import decoded, encoded
from gridmask.domain.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Scope

    from gridmask.access.extra import Extra
    from gridmask.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class Services:
    """The services behind ``client``, called in the name of ``vo``."""

    client: httpx2.AsyncClient
    vo: str = "None"

    async def call(self, service: str, method: str, *arguments: object) -> dict[str, Any]:
        """The answer to a call."""
        form = {"method": method, "args": encoded(list(arguments)).decode(), "clientVO": self.vo, "clientSetup": "None"}
        answer = await self.client.post(f"/ResourceStatus/{service}", data=form)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = decoded(answer.text)
        assert json.loads(answer.content.decode("ascii"))["OK"] == told["OK"]
        return told

    async def value(self, service: str, method: str, *arguments: object) -> Any:  # noqa: ANN401 - what the method gives
        """What a call that goes well gives."""
        told = await self.call(service, method, *arguments)
        assert told["OK"], told["Message"]
        return told["Value"]

    async def select(self, table: str, **where: object) -> Any:  # noqa: ANN401 - rows
        """Rows of a table of statuses."""
        return await self.value("ResourceStatus", "select", table, where)

    async def columns(self, table: str, *columns: str, **where: object) -> Any:  # noqa: ANN401 - rows
        """Some columns of rows of a table of statuses."""
        return await self.select(table, **where, Meta={"columns": list(columns)})

    async def modify(self, table: str, **row: object) -> dict[str, Any]:
        """Change rows of a table of statuses."""
        return await self.call("ResourceStatus", "addOrModify", table, row)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[Services]:
    """The services of an application."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        yield Services(client)


async def alone(_: Scope, extra: Extra | None = None) -> Actor:
    """Who asks where nobody is known, whatever they say."""
    raise Unauthenticated(f"Nobody is {extra} here.")
