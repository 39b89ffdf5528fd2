"""Gridmask as it is installed: ``gridmask serve``, and nginx in front for who comes with a certificate."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.doors_asking import Server, listening
from benchmarks.doors_grid import VOS
from benchmarks.doors_processes import started
from tests.front import Files, front
from tests.pki import Pki
from tests.servers import end, find_program

if TYPE_CHECKING:
    from tests.servers import Process

_SETTINGS = """\
database = "{database}"

[access]
reading = "vo"
proxies = ["127.0.0.1"]

[limits]
rate = 0

[[issuer]]
name = "diracx"
url = "{issuer}"
grant = [{{ role = "reader", vo = "{{vo}}" }}]

[certificate]
grant = [{{ role = "reader", vo = "all", when = {{ subject = "*" }} }}]

[dirac_rpc]
enabled = true

[diracx_rest]
enabled = true

[vo]
{vos}
"""


@contextmanager
def gridmask(folder: Path, database: str, issuer: str) -> Iterator[Server]:
    """A server on ``database``, that believes ``issuer``'s tokens, and certificates that a server in front passes on."""
    vos = "\n".join(f"{vo} = {{}}" for vo in VOS)
    settings, log = folder / "gridmask.toml", folder / "gridmask.log"
    settings.write_text(_SETTINGS.format(database=database, issuer=issuer, vos=vos))

    def launch(port: int) -> Process:
        bound = [find_program("setpriv"), "--pdeathsig", "TERM", "--"]
        command = [*bound, sys.executable, "-m", "gridmask", "serve", "--config", str(settings), "--port", str(port)]
        with log.open("ab") as told:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd=folder)

    port, process = listening(launch, log)
    try:
        yield Server(port, (process.pid,), ())
    finally:
        end(process)


@contextmanager
def behind_nginx(server: Server, pki: Pki) -> Iterator[Server]:
    """The same behind an nginx that speaks TLS and asks for certificates; whose work is counted as well."""
    before = started()
    with front(Files(pki.certificate("server"), pki.key("server"), pki.ca), f"http://127.0.0.1:{server.port}") as nginx:
        yield replace(server, port=nginx.port, processes=(*server.processes, *(started() - before)))
