"""``xrootd``: the root protocol, as far as it takes to know that a server works.

Every request is a header of 24 bytes (a stream's id of two, a number of what is asked, 16 bytes that belong to it, and the
length of what follows), every answer one of 8 (the stream's id, a status, and the length of what follows), all in network
order; written after the protocol's reference, version 5. A client says which protocol it speaks, and learns whether it has to
go on within TLS; it logs in, and learns whether it has to prove who it is; only then it may ask for anything. Of the ways to
prove that, tokens (``ztn``) and the name of a user (``unix``) are known here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire

HELLO = struct.pack(">5i", 0, 0, 0, 4, 2012)
VERSION = 0x00000511
AUTH, PROTOCOL, LOGIN, PING, STAT = 3000, 3006, 3007, 3011, 3017
OK, AUTHMORE, ERROR, REDIRECT, WAIT = 0, 4002, 4003, 4004, 4005
ABLE_TLS, WANT_TLS = 0x02, 0x04
GOTO_TLS = 0x40000000
LOGS_IN = 0x03
CAPABLE = 0x80 | 5
LONGEST = 65_536


class _Answer(NamedTuple):
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Xrootd:
    """The server speaks the root protocol, takes a login, and answers a ping; with a path, it knows what is there.

    A redirector that sends on who asks for a path is one that works: it is not followed.
    """

    schemes: ClassVar[tuple[str, ...]] = ("root", "roots")
    url: ClassVar[str] = "root://{host}"

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        async with env.wire(target, tls=False) as wire:
            await _greet(wire, env)
            await _agree(wire, env, target)
            wants = await _log_in(wire, env)
            if wants and not await _prove(wire, env, target, wants):
                if target.address.path:
                    raise NotMade(f"it wants to know who asks ({_ways(wants)}), and this probe cannot tell it")
                return Finding("OK", f"it takes logins, and wants to know who asks ({_ways(wants)})")
            return await _look(wire, env, target)


async def _greet(wire: Wire, env: ProbeEnv) -> None:
    env.doing = "greeting"
    await wire.send(HELLO)
    answer = await wire.exactly(8)
    _, status, length = struct.unpack(">2sHi", answer)
    if status != OK or length != 8:
        unusable(f"what it answers is not the root protocol: {answer.hex(' ')}")
    await wire.exactly(8)


async def _agree(wire: Wire, env: ProbeEnv, target: Target) -> None:
    """Agree upon the protocol, and on TLS where either side wants it."""
    env.doing = "agreeing on the protocol"
    wanted = ABLE_TLS | (WANT_TLS if target.address.secure else 0)
    answer = await _ask(wire, PROTOCOL, struct.pack(">iBB10x", VERSION, wanted, LOGS_IN))
    if answer.status != OK or len(answer.body) < 8:
        raise _refusal(answer, "it does not tell which protocol it speaks")
    _, flags = struct.unpack(">iI", answer.body[:8])
    if flags & GOTO_TLS:
        await wire.secure(await env.workshop.identities.context(target.credentials.access))
    elif target.address.secure:
        unusable("it does not speak TLS")


async def _log_in(wire: Wire, env: ProbeEnv) -> str:
    """Log in as nobody in particular; by which ways it wants to be proven who that is, empty for none."""
    env.doing = "logging in"
    answer = await _ask(wire, LOGIN, struct.pack(">i8sBBBB", 0, b"gridmask", 0, 0, CAPABLE, 0))
    if answer.status != OK or len(answer.body) < 16:
        raise _refusal(answer, "it takes no login")
    return answer.body[16:].rstrip(b"\0").decode("ascii", "replace")


async def _prove(wire: Wire, env: ProbeEnv, target: Target, wants: str) -> bool:
    """Prove who asks by the first way that both know. Whether there is one."""
    ways, token = _ways(wants).split(", "), await env.token(target)
    env.doing = "proving who asks"
    if "ztn" in ways and token is not None:
        if not wire.is_secure:
            raise NotMade("a token is sent within TLS only: write roots:// as its address")
        word = token[1].rpartition(" ")[2].encode() + b"\0"
        proof = struct.pack(">4sBc2xH", b"ztn", 0, b"T", len(word)) + word
        await _authenticate(wire, b"ztn\0", proof)
    elif "unix" in ways and target.credentials.user:
        await _authenticate(wire, b"unix", b"unix\0" + target.credentials.user.encode() + b"\0")
    else:
        return False
    return True


async def _authenticate(wire: Wire, way: bytes, proof: bytes) -> None:
    answer = await _ask(wire, AUTH, struct.pack(">12x4s", way), proof)
    if answer.status == AUTHMORE:
        raise NotMade("it wants to know more of who asks than this probe can tell")
    if answer.status != OK:
        raise _refusal(answer, "it does not take our credentials")


async def _look(wire: Wire, env: ProbeEnv, target: Target) -> Finding:
    path = target.address.path[1:] if target.address.path.startswith("//") else target.address.path
    env.doing = "waiting for the answer to a ping"
    if not path:
        answer = await _ask(wire, PING, bytes(16))
        return _good(answer, "it answers a ping", "it does not answer a ping as it should")
    env.doing = f"looking at {path}"
    answer = await _ask(wire, STAT, bytes(16), path.encode())
    return _good(answer, f"it knows {path}", f"it cannot tell of {path}")


def _good(answer: _Answer, good: str, bad: str) -> Finding:
    if answer.status == OK:
        return Finding("OK", good)
    number = struct.unpack(">i", answer.body[:4])[0] if len(answer.body) >= 4 else 0
    if answer.status == REDIRECT:
        host = shown(answer.body[4:].partition(b"?")[0].rstrip(b"\0"), 120)
        return Finding("OK", f"it sends on to {host} port {number}")
    if answer.status == WAIT:
        return Finding("WARNING", f"it asks to wait for {number} s")
    raise _refusal(answer, bad)


def _refusal(answer: _Answer, what: str) -> Unusable:
    if answer.status != ERROR or len(answer.body) < 4:
        return Unusable(f"{what} (status {answer.status})")
    told = answer.body[4:].rstrip(b"\0")
    return Unusable(f"{what}: {shown(told, 200)}")


async def _ask(wire: Wire, request: int, body: bytes, data: bytes = b"") -> _Answer:
    await wire.send(struct.pack(">2sH16si", b"\0\1", request, body, len(data)) + data)
    stream, status, length = struct.unpack(">2sHi", await wire.exactly(8))
    if stream != b"\0\1" or not 0 <= length <= LONGEST:
        unusable("what it answers is not the root protocol")
    return _Answer(status, await wire.exactly(length))


def _ways(wants: str) -> str:
    """The names of the ways in ``&P=ztn,0:4096:&P=unix``."""
    return ", ".join(part.split(",")[0] for part in wants.split("&P=") if part) or shown(wants, 80)
