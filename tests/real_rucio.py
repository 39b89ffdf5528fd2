"""A real Rucio server, where it is installed: in an environment of its own that ``GRIDMASK_TEST_RUCIO`` names.

The variable is the folder of a virtual environment in which ``pip install rucio`` was run. The server keeps everything in a
database of SQLite in a folder of its own, listens on loopback, and ends with the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.servers import ServerMissing, end, private_folder, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Process

VARIABLE = "GRIDMASK_TEST_RUCIO"

_SETTINGS = """
[common]
logdir = {folder}
loglevel = WARNING
[database]
default = sqlite:///{folder}/rucio.db
[bootstrap]
userpass_identity = tester
userpass_pwd = secret
userpass_email = tester@example.org
[policy]
permission = generic
schema = generic
lfn2pfn_algorithm_default = hash
[api]
endpoints = accounts, auth, ping, requests, rses, scopes
[cache]
use_external_cache = False
"""

_SERVE = """
import sys
from werkzeug.serving import make_server
from rucio.db.sqla import models
from rucio.db.sqla.session import get_engine
from rucio.db.sqla.util import create_base_vo, create_root_account
models.register_models(get_engine())
create_base_vo()
create_root_account()
from rucio.web.rest.flaskapi.v1.main import application
make_server("127.0.0.1", int(sys.argv[1]), application, threaded=True).serve_forever()
"""


_OBSERVE = """
import sys
from rucio.core.request import TransferStatsManager
from rucio.core.rse import get_rse_id
from rucio.db.sqla.constants import RequestState
source, destination, *counts = sys.argv[1:]
ends = [get_rse_id(rse=name) for name in (source, destination)]
stats = TransferStatsManager()
for state, count in zip((RequestState.DONE, RequestState.FAILED), counts):
    for _ in range(int(count)):
        stats.observe(*ends, "a test", state, 1000)
stats.force_save()
"""


@dataclass
class Rucio:
    """A server that runs. ``token`` opens everything in it. ``program`` is its Python, ``folder`` where it is."""

    url: str
    token: str = ""
    program: Path | None = None
    folder: Path = Path()

    def answers(self) -> bool:
        """Whether a client gets through."""
        try:
            return self.ask("GET", "/ping")[0] == 200
        except (URLError, OSError):
            return False

    def ask(self, method: str, path: str, document: object = None) -> tuple[int, dict[str, str], bytes]:
        """Ask as the administrator of that Rucio: the status, headers and body of the answer."""
        headers = {"X-Rucio-Auth-Token": self.token, "Content-Type": "application/json"}
        body = None if document is None else json.dumps(document).encode()
        try:
            with urlopen(Request(self.url + path, body, headers, method=method), timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def transferred(self, source: str, destination: str, *, done: int, failed: int) -> None:
        """Let it have seen so many transfers end, as its own daemons tell it."""
        command = [str(self.program), "-c", _OBSERVE, source, destination, str(done), str(failed)]
        subprocess.run(command, check=True, cwd=self.folder, env=_environment(self.folder), capture_output=True, timeout=60)

    def rse(self, name: str) -> dict[str, Any]:
        """What it says of an RSE."""
        said: dict[str, Any] = json.loads(self.ask("GET", f"/rses/{name}")[2])
        return said

    def off(self, name: str) -> str:
        """What of an RSE is off."""
        said = self.rse(name)
        return ",".join(aspect for aspect in ("read", "write", "delete") if not said[f"availability_{aspect}"])


@contextmanager
def real_rucio() -> Iterator[Rucio]:
    """A server that runs.

    Raises:
        ServerMissing: there is none.
    """
    program = Path(os.environ.get(VARIABLE, "")) / "bin" / "python"
    if not os.environ.get(VARIABLE) or not program.is_file():
        raise ServerMissing(f"Rucio is not there: set {VARIABLE} to a virtual environment that has the package rucio")
    with private_folder("gridmask-rucio-") as folder:
        (folder / "rucio.cfg").write_text(_SETTINGS.format(folder=folder))
        made, process = start(
            lambda port: Rucio(f"http://127.0.0.1:{port}", "", program, folder),
            lambda port: _launch(program, folder, port),
            folder / "log",
        )
        try:
            made.token = _token(made)
            yield made
        finally:
            end(process)


def _launch(program: Path, folder: Path, port: int) -> Process:
    (folder / "rucio.db").unlink(missing_ok=True)
    with (folder / "log").open("ab") as log:
        command = [str(program), "-c", _SERVE, str(port)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=_environment(folder))


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "RUCIO_CONFIG": str(folder / "rucio.cfg"), "RUCIO_HOME": str(folder)}


def _token(made: Rucio) -> str:
    asked = Request(f"{made.url}/auth/userpass")
    for name, value in {"Account": "root", "Username": "tester", "Password": "secret"}.items():
        asked.add_header(f"X-Rucio-{name}", value)
    with urlopen(asked, timeout=30) as answer:
        return str(answer.headers["X-Rucio-Auth-Token"])
