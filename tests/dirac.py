"""Small configurations such as DIRAC has, and the answers of its Configuration service, made up."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from gridmask.dirac_cfg.syntax import written
from gridmask.inventory.dirac.diracx import section_of
from tests.integration.http.server import reply

if TYPE_CHECKING:
    import asyncio

    from tests.integration.http.server import Asked, Reaction, Server

Table = Mapping[str, object]


def text(root: Table) -> bytes:
    """The configuration that ``root``, nested tables of texts and lists, says."""
    return written(section_of(root, "")).encode()


def resources(**sections: object) -> bytes:
    """A configuration with these sections of ``Resources``."""
    return text({"Resources": sections})


def sites(*named: tuple[str, Table]) -> Table:
    """``Sites``: each is put under the domain that its name begins with."""
    by_domain: dict[str, dict[str, Table]] = {}
    for name, table in named:
        by_domain.setdefault(name.partition(".")[0], {})[name] = table
    return dict(by_domain)


def ce(type_: str = "HTCondorCE", *queues: str, **options: object) -> Table:
    """The section of a CE whose queues say nothing of their own."""
    return {"CEType": type_, **options, "Queues": {queue: {} for queue in queues}}


def se(*protocols: tuple[str, str], **options: object) -> Table:
    """The section of an SE; a protocol is its name and a host."""
    numbered = {f"AccessProtocol.{n}": {"Protocol": p, "Host": h} for n, (p, h) in enumerate(protocols, start=1)}
    return {**options, **numbered}


@dataclass
class ConfigurationService:
    """Answers as DIRAC's service does to whoever asks for a newer configuration."""

    server: Server
    body: bytes
    version: str = "2026-01-01 00:00:00.000000"
    forms: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.on("/Configuration/Server", self._react)

    async def _react(self, writer: asyncio.StreamWriter) -> None:
        form = self._form(self.server.asked[-1])
        (known,) = json.loads(form["args"])
        value = {"newestVersion": self.version}
        if known < self.version:
            value["data"] = base64.b64encode(zlib.compress(self.body, 9)).decode()
        await said({"OK": True, "Value": value})(writer)

    def _form(self, asked: Asked) -> dict[str, str]:
        form = {name: value for name, (value,) in parse_qs(asked.body.decode(), keep_blank_values=True).items()}
        self.forms.append(form)
        assert (asked.method, form["method"]) == ("POST", "getCompressedDataIfNewer")
        return form


def said(value: object) -> Reaction:
    """The service's word, whatever it is."""
    return reply(200, json.dumps(value).encode(), Content_Type="application/json; charset=UTF-8")


def packed(data: bytes) -> Table:
    """An answer with ``data`` as the new configuration."""
    return {"OK": True, "Value": {"newestVersion": "2", "data": base64.b64encode(data).decode()}}
