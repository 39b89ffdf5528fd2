"""A private Prometheus and a private Alertmanager for tests, and what Prometheus looks at."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.servers import find_program
from tests.services import serving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from tests.services import Service

WITHIN = 20.0  # seconds; what others do takes two or so


def until(holds: Callable[[], bool]) -> bool:
    """Whether ``holds`` does, soon: servers of others do what they do when they do it."""
    deadline = time.monotonic() + WITHIN
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


async def becomes(holds: Callable[[], Awaitable[bool]]) -> bool:
    """The same, where ``holds`` is to be awaited."""
    deadline = time.monotonic() + WITHIN
    while not await holds():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


@contextmanager
def prometheus(*targets: int, **labels: str) -> Iterator[Service]:
    """A Prometheus that looks at these ports ten times a second; their series have ``labels`` as well."""
    program = find_program("prometheus", "prometheus")
    static = [{"targets": [f"127.0.0.1:{port}" for port in targets], "labels": labels}]
    every = {"scrape_interval": "100ms", "scrape_timeout": "100ms"}
    said = {"global": every, "scrape_configs": [{"job_name": "watched", "static_configs": static}]}

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        (folder / "prometheus.yml").write_text(json.dumps(said))  # JSON is YAML
        return [
            program,
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ]

    with serving("prometheus", write) as service:
        yield service


@contextmanager
def alertmanager(url: str, token: str) -> Iterator[Service]:
    """An Alertmanager that tells ``url`` of all alerts at once, and shows ``token`` there."""
    program = find_program("prometheus-alertmanager", "prometheus-alertmanager")
    at_once = {"group_by": ["..."], "group_wait": "0s", "group_interval": "100ms", "repeat_interval": "1h"}
    hook = {"url": url, "send_resolved": True, "http_config": {"authorization": {"credentials": token}}}
    said = {"route": {"receiver": "it", **at_once}, "receivers": [{"name": "it", "webhook_configs": [hook]}]}

    def write(folder: Path, port: int) -> Sequence[str | Path]:
        (folder / "alertmanager.yml").write_text(json.dumps(said))
        return [
            program,
            f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]

    with serving("alertmanager", write) as service:
        yield service


def amtool(service: Service, *arguments: str) -> str:
    """What ``amtool`` says to the Alertmanager ``service``."""
    command = [find_program("amtool", "prometheus-alertmanager"), f"--alertmanager.url=http://127.0.0.1:{service.port}"]
    return subprocess.run([*command, *arguments], check=True, capture_output=True, text=True, timeout=WITHIN).stdout


@contextmanager
def watched(*figures: str) -> Iterator[ThreadingHTTPServer]:
    """Something that has these lines of figures for Prometheus."""

    class Figures(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = "".join(f"{line}\n" for line in figures).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody wants to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Figures)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        stop(server)
        thread.join()


def stop(server: ThreadingHTTPServer) -> None:
    """End it before its time."""
    server.shutdown()
    server.server_close()
