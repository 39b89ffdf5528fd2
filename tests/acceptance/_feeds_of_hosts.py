"""Sources at hosts of their own, on loopback, that say something new each time, and remember who asked when."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import TYPE_CHECKING

from tests import osg
from tests.grid import outage

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = 2.0  # seconds
SLOW = 1.5  # seconds that the first one takes to answer


@dataclass
class Feed:
    """A source of downtimes at ``host``. ``asked``: when each answer began and was given."""

    name: str
    host: str
    slow: float = 0.0
    port: int = 0
    asked: list[tuple[float, float]] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    busy: int = 0
    overlaps: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self) -> bytes:
        """What it says now."""
        began = time.monotonic()
        with self.lock:
            self.busy += 1
            self.overlaps += self.busy > 1
            number = len(self.versions) + 1
            now = datetime.now(UTC)
            told = outage("1" + self.name[-1], f"CE{self.name[-1]}", now - timedelta(hours=1), now + timedelta(hours=number))
            body = osg.downtimes(told)
            self.versions[hashlib.sha256(body).hexdigest()] = number
        time.sleep(self.slow)
        with self.lock:
            self.busy -= 1
            self.asked.append((began, time.monotonic()))
        return body

    def longest_gap(self, since: float) -> float:
        """Seconds for which nobody asked, at most, until now."""
        moments = [since, *(began for began, _ in self.asked if began > since), time.monotonic()]
        return max(after - before for before, after in pairwise(moments))

    def shortest_gap(self) -> float:
        """Seconds between two questions, at least."""
        moments = [began for began, _ in self.asked]
        return min((after - before for before, after in pairwise(moments)), default=EVERY)


@contextmanager
def feeds(count: int) -> Iterator[list[Feed]]:
    """So many of them, of which the first one is slow, and the last two are at one host."""
    made = [
        Feed(f"feed{number}", f"127.0.0.{min(number, count - 2) + 1}", SLOW if not number else 0.0) for number in range(count)
    ]
    with ExitStack() as stack:
        for feed in made:
            server = ThreadingHTTPServer((feed.host, 0), _handler(feed))
            feed.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        yield made


def _handler(feed: Feed) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = feed.answer()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who asked may be dead by now
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    return Handler
