"""``amqp``: AMQP 0-9-1, as far as to an open connection to a virtual host.

The server begins with the method *start*; the client answers with *start-ok* and its login, gets and confirms *tune*, and asks
for a virtual host by *open*. A frame is a type, a channel, a length, so many bytes, and ``0xCE``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire

HELLO = b"AMQP\0\0\x09\1"
METHOD, END = 1, b"\xce"
CONNECTION = 10
START, START_OK, TUNE, TUNE_OK, OPEN, OPEN_OK, CLOSE, CLOSE_OK = 10, 11, 30, 31, 40, 41, 50, 51
LONGEST = 131_072


@dataclass(frozen=True, slots=True)
class Amqp:
    """The broker takes the login, and opens the virtual host that is the path; without one, ``/``."""

    schemes: ClassVar[tuple[str, ...]] = ("amqps", "amqp")
    url: ClassVar[str] = "amqps://{host}"

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        user, password = await env.login(target.credentials)
        host = unquote(target.address.path[1:]) or "/"
        async with env.wire(target) as wire:
            env.doing = "waiting for its greeting"
            await wire.send(HELLO)
            mechanisms = _mechanisms(await _method(wire, START))
            env.doing = "logging in"
            await _send(wire, START_OK, _login(mechanisms, user, password))
            tuned = await _method(wire, TUNE, named=bool(user))
            await _send(wire, TUNE_OK, tuned[:8].ljust(8, b"\0"))
            env.doing = f"opening {host}"
            await _send(wire, OPEN, _short(host.encode()) + b"\0\0")
            await _method(wire, OPEN_OK)
            await _send(wire, CLOSE, struct.pack(">H", 200) + _short(b"") + struct.pack(">HH", 0, 0))
            await _method(wire, CLOSE_OK)
        return Finding("OK", f"it opens the virtual host {host}")


def _login(mechanisms: list[str], user: str, password: str) -> bytes:
    if user:
        mechanism, answer = "PLAIN", b"\0" + user.encode() + b"\0" + password.encode()
    elif "EXTERNAL" in mechanisms:
        mechanism, answer = "EXTERNAL", b""
    else:
        mechanism, answer = "PLAIN", b"\0guest\0guest"
    if mechanism not in mechanisms:
        unusable(f"it takes no {mechanism} login, only {', '.join(mechanisms)[:80]}")
    capable = b"\x0ccapabilitiesF" + _long(b"\x1cauthentication_failure_closet\1")
    return _long(capable) + _short(mechanism.encode()) + _long(answer) + _short(b"en_US")


def _mechanisms(start: bytes) -> list[str]:
    """The ways to log in that *start* offers: after the version and a table of what the server is."""
    try:
        at = 6 + struct.unpack(">I", start[2:6])[0]
        length = struct.unpack(">I", start[at : at + 4])[0]
        return start[at + 4 : at + 4 + length].decode("ascii", "replace").split()
    except struct.error as error:
        raise Unusable("what it greets with is no AMQP 0-9-1") from error


async def _method(wire: Wire, wanted: int, *, named: bool = True) -> bytes:
    """The arguments of the method ``wanted``, which must come next."""
    header = await wire.exactly(7)
    if header[:5] == b"AMQP\0" or header[:4] == b"AMQP":
        unusable(f"it speaks another AMQP: {header[4:].hex(' ')}")
    kind, _, length = struct.unpack(">BHI", header)
    if kind != METHOD or not 4 <= length <= LONGEST:
        unusable(f"what it answers is no AMQP 0-9-1: {header.hex(' ')}")
    body = await wire.exactly(length + 1)
    if body[-1:] != END:
        unusable("what it answers is no AMQP 0-9-1: a frame has no end")
    of, method = struct.unpack(">HH", body[:4])
    if (of, method) == (CONNECTION, CLOSE):
        reason = f"it refuses: {shown(body[7:-1][: body[6]], 160)}"
        raise Unusable(reason) if named else NotMade(f"{reason}; and this probe has no login")
    if (of, method) != (CONNECTION, wanted):
        unusable(f"it answers with method {of}.{method} where {CONNECTION}.{wanted} is due")
    return body[4:-1]


async def _send(wire: Wire, method: int, arguments: bytes) -> None:
    body = struct.pack(">HH", CONNECTION, method) + arguments
    await wire.send(struct.pack(">BHI", METHOD, 0, len(body)) + body + END)


def _short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _long(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text
