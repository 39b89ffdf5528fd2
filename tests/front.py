"""A private nginx for tests that speaks TLS, and takes certificates as the documentation says."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import ServerFailed, ServerMissing, end, find_program, private_folder, start, unprivileged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers import Process

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "nginx"
CONF = EXAMPLE / "gridmask.conf"
NO_OTHERS: Mapping[str, str] = {}
PACKAGES = "nginx-light"
FAST = signal.SIGTERM
"""Ends it at once; SIGQUIT would have it wait for its clients to leave."""

_FRAME = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}
}}
"""


@dataclass(frozen=True, slots=True)
class Files:
    """What it is told to use: the server's certificate and key, whom to trust, and whom no more."""

    certificate: Path
    key: Path
    authorities: Path
    revoked: Path | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """A running private nginx."""

    port: int

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"https://localhost:{self.port}"

    def answers(self) -> bool:
        """Whether a client gets through."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def front(files: Files, behind: str, conf: Path = CONF, others: Mapping[str, str] = NO_OTHERS) -> Iterator[Front]:
    """Starts an nginx of its own in front of what is at the address ``behind``, which takes proxies, and ends it afterwards.

    ``others``: what else of the file ``conf`` is replaced by what.

    Raises:
        ServerMissing: its program, or a C compiler, is not installed.
        ServerFailed: they are, and it did not start.
    """
    program = find_program("nginx", PACKAGES)
    with private_folder("gridmask-nginx-") as folder:
        own = _copied(files, folder)
        write = partial(configuration, own, behind=behind, conf=conf, others=others)
        server, process = start(Front, partial(_launch, program, folder, write, _allowing(folder)), folder / "log")
        try:
            yield server
        finally:
            end(process, FAST)


def configuration(files: Files, port: int, behind: str, conf: Path = CONF, others: Mapping[str, str] = NO_OTHERS) -> str:
    """The file ``conf``, with these files and addresses in the places of its own."""
    text = conf.read_text(encoding="utf-8")
    places = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "server 127.0.0.1:8000": f"server {behind.removeprefix('http://')}",
        "/etc/grid-security/hostcert.pem": str(files.certificate),
        "/etc/grid-security/hostkey.pem": str(files.key),
        "/etc/gridmask/authorities.pem": str(files.authorities),
        "    ssl_crl /etc/gridmask/revoked.pem;\n": f"    ssl_crl {files.revoked};\n" if files.revoked else "",
        **others,
    }
    for place, ours in places.items():
        assert place in text, f"the example has no {place!r} any more"
        text = text.replace(place, ours)
    return text


def _launch(program: str, folder: Path, write: Callable[[int], str], allowing: Path, port: int) -> Process:
    path = folder / "nginx.conf"
    path.write_text(_FRAME.format(folder=folder, server=write(port)))
    command = [*unprivileged(), "env", f"LD_PRELOAD={allowing}", program, "-p", str(folder), "-e", "stderr"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([*command, "-c", str(path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)


def _copied(files: Files, folder: Path) -> Files:
    """The files where the server's user, who is not root, can read them."""
    certificate, key, authorities = (_readable(path, folder) for path in (files.certificate, files.key, files.authorities))
    return Files(certificate, key, authorities, _readable(files.revoked, folder) if files.revoked else None)


def _readable(path: Path, folder: Path) -> Path:
    copy = folder / f"copy-{path.name}"
    copy.write_bytes(path.read_bytes())
    copy.chmod(0o644)
    return copy


def _allowing(folder: Path) -> Path:
    """What has it take proxies, compiled."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise ServerMissing(
            "a C compiler is missing, for what has nginx take proxies; on Debian: apt-get install gcc libc6-dev"
        )
    made = folder / "allow_proxies.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(made)]
    done = subprocess.run([*command, str(EXAMPLE / "allow_proxies.c")], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise ServerFailed(f"allow_proxies.c could not be compiled.\n{done.stderr[-2000:]}")
    return made
