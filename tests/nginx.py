"""A private nginx for tests, which stands in front of others as it does in operation."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers import end, find_program, private_folder, start, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Process

PACKAGES = "nginx-light"

_FRAME = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_types application/json;
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx."""

    port: int

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        """Whether a client gets through."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def nginx(locations: str) -> Iterator[Nginx]:
    """Starts an nginx of its own with these ``location`` blocks, and ends it afterwards.

    Raises:
        ServerMissing: nginx is not installed.
        ServerFailed: it is, and it did not start.
    """
    program = find_program("nginx", PACKAGES)
    with private_folder("gridmask-nginx-") as folder:
        made, process = start(Nginx, lambda port: _launch(program, folder, port, locations), folder / "log")
        try:
            yield made
        finally:
            end(process)


def _launch(program: str, folder: Path, port: int, locations: str) -> Process:
    (folder / "nginx.conf").write_text(_FRAME.format(folder=folder, port=port, locations=locations))
    command = [*unprivileged(), program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
