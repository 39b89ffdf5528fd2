"""Readers of streams: one process with as many sockets as it is told, and nothing between them and it but epoll.

``python -m benchmarks.streams_readers PORT PATH READERS SLOW SINCE`` connects, prints a line once all have begun to hear, and
then, for each line of stdin, one once all that was told before is out of the way, and the moments at which each heard the next
event. ``SLOW`` of them ask for the whole mask and take
nothing of it.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time

WITHIN = 30.0
"""Seconds until who has heard nothing is given up."""

_ROOM = 1 << 18


def _asked(port: int, path: str, since: str) -> socket.socket:
    reader = socket.socket()
    if not since:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", port))
    resuming = f"Last-Event-ID: {since}\r\n" if since else ""
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{resuming}\r\n".encode())
    reader.settimeout(0)
    return reader


class Readers:
    """Those of this process who take what they are told."""

    def __init__(self, port: int, path: str, number: int, since: str) -> None:
        self._sockets = {reader.fileno(): reader for reader in (_asked(port, path, since) for _ in range(number))}
        self._poll = select.epoll()
        for descriptor in self._sockets:
            self._poll.register(descriptor, select.EPOLLIN)

    def forget(self) -> None:
        """Take what was told before."""
        while ready := self._poll.poll(0):
            for descriptor, _ in ready:
                self._sockets[descriptor].recv(_ROOM)

    def hear(self, what: bytes) -> list[float]:
        """When each heard ``what`` for the first time from now on."""
        heard: dict[int, float] = {}
        end = time.monotonic() + WITHIN
        while len(heard) < len(self._sockets) and time.monotonic() < end:
            for descriptor, _ in self._poll.poll(1):
                at = time.monotonic()
                if what in self._sockets[descriptor].recv(_ROOM):
                    heard.setdefault(descriptor, at)
        return sorted(heard.values())


def main(port: int, path: str, number: int, slow: int, since: str) -> None:
    """See above."""
    stuck = [_asked(port, path, "") for _ in range(slow)]
    readers = Readers(port, path, number - slow, since)
    print(json.dumps(len(readers.hear(b"retry: "))), flush=True)
    for _ in sys.stdin:
        readers.forget()
        print(json.dumps("ready"), flush=True)
        print(json.dumps(readers.hear(b"event: ")), flush=True)
    del stuck


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
