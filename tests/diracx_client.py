"""DiracX's own client, unmodified, where it is installed; and a DiracX under which Gridmask is mounted.

``GRIDMASK_TEST_DIRACX_CLIENT`` names a Python that has ``diracx-client``, in an environment of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from starlette.responses import JSONResponse

from tests.documentation import DOCS
from tests.issuer import ED, Signer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

VARIABLE = "GRIDMASK_TEST_DIRACX_CLIENT"

_CALLS = """
import asyncio, json, sys
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from diracx.client.aio import AsyncDiracClient
from diracx.client.sync import SyncDiracClient
told = []
tell = told.append
plain = {"cls": lambda response, value, headers: response.http_response.json()}
tag = {"cls": lambda response, value, headers: response.http_response.headers["ETag"]}
def status(call, **given):
    try:
        call(**given)
    except HttpResponseError as error:
        return error.status_code
    return 200
exec(sys.stdin.read())
print("TOLD" + json.dumps(told))
"""


class StubOfDiracX:
    """What is left to DiracX: who signs tokens, and all routes but those that are mounted over."""

    def __init__(self) -> None:
        self.signer = Signer(keys=[ED])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/.well-known/"):
            await self.signer.app(scope, receive, send)
        elif scope["type"] == "http":
            given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            await JSONResponse({"diracx": scope["path"], "headers": given})(scope, receive, send)


@contextmanager
def stub_of_diracx() -> Iterator[StubOfDiracX]:
    """One that answers, on loopback, at the address that its tokens have in ``iss``."""
    made = StubOfDiracX()
    server = uvicorn.Server(uvicorn.Config(made, host="127.0.0.1", port=0, lifespan="off", log_level="error"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        deadline = monotonic() + 30
        while not server.started and thread.is_alive() and monotonic() < deadline:
            sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        made.signer.url = url
        made.signer.about = {"jwks_uri": f"{url}/.well-known/jwks.json", "token_endpoint": f"{url}/api/auth/token"}
        yield made
    finally:
        server.should_exit = True
        thread.join(30)


def locations(gridmask: str, diracx: str) -> str:
    """What the guide says to write for nginx, for these addresses."""
    text = (DOCS / "how-to" / "serve-diracx-clients.md").read_text(encoding="utf-8")
    recipe = text.partition("```nginx\n")[2].partition("```")[0]
    return recipe.replace("http://127.0.0.1:8000", gridmask).replace("http://127.0.0.1:8001", diracx)


@dataclass(frozen=True, slots=True)
class DiracXClient:
    """The client.

    Attributes:
        python: the interpreter of its environment.
        folder: where its credentials are.
        url: where it looks for DiracX.
    """

    python: Path
    folder: Path
    url: str

    def log_in(self, token: str) -> None:
        """Have it show ``token``; an empty one: nothing."""
        place = self.folder / "credentials.json"
        place.unlink(missing_ok=True)
        if token:
            place.write_text(json.dumps({"access_token": token, "refresh_token": "", "expires_on": int(time()) + 3600}))

    def call(self, *lines: str) -> list[Any]:
        """What is told where ``lines`` of Python say ``tell``."""
        named = {"DIRACX_URL": self.url, "DIRACX_CREDENTIALS_PATH": str(self.folder / "credentials.json")}
        done = subprocess.run(
            [str(self.python), "-c", _CALLS],
            input="\n".join(lines),
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), **named},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "TOLD" in done.stdout, done.stdout + done.stderr
        told: list[Any] = json.loads(done.stdout.partition("TOLD")[2])
        return told


def client(folder: Path, url: str) -> DiracXClient:
    """The client; where it is not installed, the test is skipped."""
    named = os.environ.get(VARIABLE)
    if not named or not Path(named).is_file():
        pytest.skip(f"DiracX's client is not here: {VARIABLE} names no Python that has it installed")
    return DiracXClient(Path(named), folder, url)
