"""DiracX's own routes about statuses."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.doors_asking import Server, listening
from benchmarks.doors_foreign import Found, Software, Surroundings
from tests.issuer import ED
from tests.servers import end

if TYPE_CHECKING:
    from tests.servers import MariaDB, Process

DIRACX = Software(
    "DiracX",
    "GRIDMASK_BENCH_DIRACX",
    "diracx-routers",
    "diracx.routers, uvicorn",
    "In an environment of its own: pip install diracx-routers uvicorn.",
)

DATABASE = "diracx"
_UNNEEDED = ("AUTH", "CONFIG", "HEALTH", "JOBS", "PILOTS")
"""Services of which nothing is asked."""

_CONFIGURATION = """\
Registry:
  vo1:
    DefaultGroup: users
    IdP: {URL: "https://idp.example.org", ClientID: "bench"}
    Users: {}
    Groups: {}
Operations: {}
"""


@contextmanager
def routes(found: Found, folder: Path, server: MariaDB, issuer: str) -> Iterator[Server]:
    """A DiracX that believes ``issuer``'s tokens, on a database with its own tables, which are empty yet."""
    server.execute(f"CREATE DATABASE {DATABASE}")
    around = Surroundings(folder, _variables(folder, server, issuer), folder / "diracx.log")
    around.run(found.python, "-m", "diracx.db", "init-sql")

    def launch(port: int) -> Process:
        factory = "diracx.routers:create_app"
        return around.launch(found.python, "-m", "uvicorn", "--factory", factory, "--port", str(port))

    port, process = listening(launch, around.log)
    try:
        yield Server(port, (process.pid,), ())
    finally:
        end(process)


def _variables(folder: Path, server: MariaDB, issuer: str) -> Mapping[str, str]:
    _keep(folder / "cs")
    return {
        "DIRACX_DB_URL_RESOURCESTATUSDB": f"mysql+aiomysql://root@127.0.0.1:{server.port}/{DATABASE}",
        "DIRACX_CONFIG_BACKEND_URL": f"git+file://{folder / 'cs'}",
        "DIRACX_SERVICE_AUTH_TOKEN_ISSUER": issuer,
        "DIRACX_SERVICE_AUTH_TOKEN_KEYSTORE": json.dumps({"keys": [ED.as_dict(private=True)]}),
        "DIRACX_SERVICE_AUTH_STATE_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
        **{f"DIRACX_SERVICE_{name}_ENABLED": "false" for name in _UNNEEDED},
    }


def _keep(folder: Path) -> None:
    """Keep its configuration in git, whence it has it."""
    folder.mkdir()
    (folder / "default.yml").write_text(_CONFIGURATION)
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q", "-b", "master"], ["add", "."], [*author, "commit", "-q", "-m", "Bench"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, capture_output=True)
