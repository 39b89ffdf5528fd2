"""``gridmask serve`` as a process of its own, and readers that follow its streams."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.servers import ServerFailed, end, find_program, free_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

STARTED_WITHIN = 60.0  # seconds
QUIET = 20.0
"""Seconds after which a stream counts as silent; it says something every 15."""


@dataclass
class Served:
    """A server of the installation in the database at ``url``, which reads what is in ``folder``, and tells ``hook``."""

    url: str
    folder: Path
    hook: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; it may take some seconds until it answers."""
        config = self.folder / "gridmask.toml"
        config.write_text(self._settings())
        with_us = [find_program("setpriv"), "--pdeathsig", "KILL", "--"]  # it ends with this process, however that ends
        command = [*with_us, sys.executable, "-m", "gridmask", "--config", str(config), "serve", "--port", str(self.port)]
        with (self.folder / "serve.log").open("wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def _settings(self) -> str:
        sources = "".join(
            f'[[source]]\nname = "{name}"\nkind = "{kind}"\nurl = "{(self.folder / file).as_uri()}"\n'
            'max_takeout = 1.0\nmax_change = 1.0\nevery = "2s"\n'
            for name, kind, file in (("osg", "osg-topology", "inventory.xml"), ("feed", "osg-downtimes", "feed.xml"))
        )
        hooks = f'[[webhook]]\nname = "campaign"\nurl = "{self.hook}"\n' if self.hook else ""
        return f'database = "{self.url}"\n[vo.cms]\npolicies = "api"\n[vo.atlas]\n{sources}{hooks}'

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            ServerFailed: it does not.
        """
        deadline = time.monotonic() + STARTED_WITHIN
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            try:
                with urlopen(f"{self.address}/readyz", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise ServerFailed(f"gridmask serve did not start:\n{(self.folder / 'serve.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.process:
            self.process.kill()
            self.process.wait()


@contextmanager
def serving(url: str, folder: Path) -> Iterator[str]:
    """The address of a server of the installation in the database at ``url``, which reads what is in ``folder``."""
    served = Served(url, folder)
    served.start()
    try:
        served.wait()
        yield served.address
    finally:
        if served.process:
            end(served.process)


def mask(address: str, vo: str) -> dict[str, Any]:
    """The mask as whoever asks gets it."""
    with urlopen(f"{address}/api/v1/masks/{vo}", timeout=30) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


@dataclass
class Reader:
    """Follows the mask of a VO, leaves now and then, and comes back to where it was."""

    address: str
    vo: str
    leaves_after: int
    revisions: list[int] = field(default_factory=list)
    elements: dict[tuple[str, ...], Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    returns: int = 0

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop once nothing more comes."""
        self._stopping.set()
        self._thread.join(2 * QUIET)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except (URLError, OSError) as error:
                self.problems.append(f"the stream of {self.vo} broke: {error}")
                return

    def _follow(self) -> None:
        headers = {"Last-Event-ID": str(self.revisions[-1])} if self.revisions else {}
        self.returns += bool(self.revisions)
        with urlopen(Request(f"{self.address}/api/v1/masks/{self.vo}/stream", headers=headers), timeout=QUIET) as stream:
            for told, (kind, data) in enumerate(_events(stream), 1):
                if kind in {"mask", "delta"}:
                    self._take(kind, json.loads(data))
                if self._stopping.is_set() or told >= self.leaves_after:
                    return

    def _take(self, kind: str, said: dict[str, Any]) -> None:
        last = self.revisions[-1] if self.revisions else -1
        if said["revision"] <= last or (kind == "delta" and said["since"] != last):
            self.problems.append(f"{self.vo}: after {last} came {kind} {said.get('since')} to {said['revision']}")
        if kind == "mask":
            self.elements = {}
        for gone in said.get("gone", ()):
            self.elements.pop(_key(gone), None)
        self.elements |= {_key(element): element for element in said["elements"]}
        self.revisions.append(said["revision"])

    def differs(self) -> bool:
        """Whether what was followed is not what who asks gets."""
        asked = mask(self.address, self.vo)
        there = {_key(element): element for element in asked["elements"]}
        return [asked["revision"]] != self.revisions[-1:] or there != self.elements


def _events(stream: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Kind and data of each event."""
    kind, data = "", ""
    for raw in stream:
        name, _, value = raw.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            data += value
        elif not name:
            yield kind, data
            kind, data = "", ""


def _key(element: dict[str, Any]) -> tuple[str, ...]:
    return element["family"], element["type"], element["name"]
