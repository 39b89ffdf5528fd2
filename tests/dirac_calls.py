"""Calls as clients of DIRAC post them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmask.dirac_rpc.encoding import decoded, encoded

if TYPE_CHECKING:
    import httpx2


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
