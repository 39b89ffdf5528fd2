"""Somebody who writes over HTTP to a ``gridmask serve`` that is killed now and then, and hears what it tells the outside.

Each change has an idempotency key, and is sent again under it until it is answered: it must be made once.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.acceptance._served import Served
from tests.acceptance._worker import CES, HOOK, VOS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance._books import Books
    from tests.acceptance._notes import Note, Notes

ACTOR = "local"
"""Whoever writes to a server without authentication."""

STATUSES = {"Banned": 1, "Degraded": 3, "Active": 4}
PAUSE = 0.2  # seconds
LONGEST = 60.0
"""Seconds after which a change that was not answered is given up, and left in doubt."""


@dataclass
class Door:
    """The server, who writes to it, and what it told the outside: by key, what was said."""

    served: Served
    random: Random
    said: SimpleQueue[Note] = field(default_factory=SimpleQueue)
    heard: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    answered: int = 0  # since the server was last started
    replayed: int = 0
    unanswered: int = 0

    def __post_init__(self) -> None:
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def start(self) -> None:
        self.served.start()
        self._thread.start()

    def strike(self) -> None:
        """Kill the server, and start it again."""
        with self._starting:
            self.served.kill()
            self.answered = 0
            self.served.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)
        self.served.kill()

    def tell(self, notes: Notes) -> None:
        """Hand on what was noted so far."""
        while True:
            try:
                notes.take(self.said.get_nowait())
            except Empty:
                return

    def _write(self) -> None:
        while not self._stopping.wait(PAUSE):
            self._set()

    def _see_to_it(self) -> None:
        """Start the server again if it ended by itself, as whoever supervises it would: it does when it finds no database."""
        with self._starting:
            if self.served.process is not None and self.served.process.poll() is not None:
                self.served.start()

    def _set(self) -> None:
        self.count += 1
        tag, status = f"#http-{self.count}", self.random.choice(list(STATUSES))
        name, vo = self.random.choice(CES), self.random.choice(VOS)
        claim = {"rows": 1, "status": STATUSES[status], "seen": None, "owner": ACTOR, "until": None}
        self.said.put({"say": "claim", "tag": tag, "what": "set", **claim})
        asked = {"rows": [{"name": name, "vo": vo}], "status": status, "reason": tag, "lasting": True}
        self.said.put({"tag": tag, **self._answered(asked, tag)})

    def _answered(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """The answer, however often it takes to get one."""
        deadline = time.monotonic() + LONGEST
        while (answer := self._answer(asked, key))["say"] == "doubt" and time.monotonic() < deadline:
            if self._stopping.wait(PAUSE):
                break
            self._see_to_it()
        return answer

    def _answer(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{key}"'}
        request = Request(f"{self.served.address}/api/v1/statuses", json.dumps(asked).encode(), headers)
        try:
            with urlopen(request, timeout=30) as answer:
                self.answered += 1
                self.replayed += answer.headers["Idempotency-Replayed"] == "true"
                return {"say": "ack", "revision": json.load(answer)["revision"], "more": None}
        except HTTPError as error:
            return self._refused(error)
        except (URLError, OSError, ValueError) as error:
            return {"say": "doubt", "error": f"HTTP {type(error).__name__}"}

    def _refused(self, error: HTTPError) -> dict[str, Any]:
        told = {"say": "doubt" if error.code >= 500 else "no", "error": f"HTTP {error.code}"}
        if error.code != 409:
            return told
        kind = str(json.load(error).get("type", "")).rpartition("/")[2].rpartition(":")[2]
        if kind == "answer-lost":
            self.unanswered += 1
            return {"say": "ack", "revision": None, "more": None}
        return {**told, "say": "doubt"} if kind == "in-progress" else told

    def misheard(self, books: Books) -> Iterator[str]:
        """What the outside was told otherwise than the books say."""
        known = {row["key"]: row for row in books["outbox"]}
        for key, bodies in self.heard.copy().items():
            if key not in known:
                yield f"outbox: the outside was told of {key}, which is not in it"
            if len(set(bodies)) > 1:
                yield f"outbox: {key} was told in {len(set(bodies))} ways"
        if mute := [key for key in self._through(books) if key not in self.heard]:
            yield f"outbox: said to be delivered, and never heard: {mute[:5]}"

    def _through(self, books: Books) -> Iterator[str]:
        """What the action is said to be through with, from the first that was heard on."""
        position = max((row["position"] for row in books["actions"]), default=0)
        heard = [row["id"] for row in books["outbox"] if row["key"] in self.heard]
        waiting = {row["entry_id"] for row in books["deliveries"]}
        for row in books["outbox"]:
            if min(heard, default=position + 1) <= row["id"] <= position and row["id"] not in waiting:
                yield row["key"]

    @property
    def repeated(self) -> int:
        """How many keys were told more than once."""
        return sum(len(bodies) > 1 for bodies in self.heard.copy().values())


@contextmanager
def door(url: str, folder: Path, seed: str) -> Iterator[Door]:
    """A server of the installation at ``url``, somebody who writes to it, and somebody who listens."""
    made = Door(Served(url, folder), Random(seed))

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.heard[self.headers["Idempotency-Key"]].append(body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody wants to know."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        made.served.hook = f"http://127.0.0.1:{listener.server_port}/told"
        (folder / HOOK).write_text(made.served.hook)
        made.start()
        try:
            yield made
        finally:
            made.stop()
            listener.shutdown()
