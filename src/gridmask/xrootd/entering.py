"""Coming in: greeting, agreement on the protocol and on TLS, login, and the proof of who asks."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable

from gridmask.xrootd.asking import OK, Line, NotSpoken, ask

HELLO = struct.pack(">5i", 0, 0, 0, 4, 2012)
VERSION = 0x00000511
AUTH, PROTOCOL, LOGIN = 3000, 3006, 3007
AUTHMORE = 4002
ABLE_TLS, WANT_TLS = 0x02, 0x04
GOTO_TLS = 0x40000000
LOGS_IN = 0x03
CAPABLE = 0x80 | 5


class NotProven(Exception):
    """We cannot prove who asks, for a reason of ours; the text says which."""


async def greet(line: Line) -> None:
    """Say hello.

    Raises:
        NotSpoken: the answer is another protocol's.
    """
    await line.send(HELLO)
    answer = await line.exactly(8)
    _, status, length = struct.unpack(">2sHi", answer)
    if status != OK or length != 8:
        raise NotSpoken(f"what it answers is not the root protocol: {answer.hex(' ')}")
    await line.exactly(8)


async def agree(line: Line, secure: Callable[[], Awaitable[None]], *, must: bool) -> bool:
    """Agree upon the protocol, and on TLS where either side wants it; ``must``: we do. Whether it is spoken from now on.

    Args:
        line: the connection.
        secure: has the connection speak TLS.
        must: whether it must be spoken.

    Raises:
        NotSpoken: there is no agreement.
    """
    answer = await ask(line, PROTOCOL, struct.pack(">iBB10x", VERSION, ABLE_TLS | (WANT_TLS if must else 0), LOGS_IN))
    if answer.status != OK or len(answer.body) < 8:
        raise answer.refusal("it does not tell which protocol it speaks")
    _, flags = struct.unpack(">iI", answer.body[:8])
    if flags & GOTO_TLS:
        await secure()
        return True
    if must:
        raise NotSpoken("it does not speak TLS")
    return False


async def log_in(line: Line) -> str:
    """Log in as nobody in particular; by which ways it wants to be proven who that is, empty for none.

    Raises:
        NotSpoken: it takes no login.
    """
    answer = await ask(line, LOGIN, struct.pack(">i8sBBBB", 0, b"gridmask", 0, 0, CAPABLE, 0))
    if answer.status != OK or len(answer.body) < 16:
        raise answer.refusal("it takes no login")
    return answer.body[16:].rstrip(b"\0").decode("ascii", "replace")


async def prove(line: Line, wants: str, token: str | None, user: str, *, secure: bool) -> bool:
    """Prove who asks by the first of the ways that it ``wants`` and we have. Whether there is one.

    Args:
        line: the connection.
        wants: what the login said.
        token: a bearer token, if there is one.
        user: the name of a user, if there is one.
        secure: whether TLS is spoken.

    Raises:
        NotProven: a token may not be sent here, or is not enough.
        NotSpoken: it is not taken.
    """
    ways = ways_of(wants).split(", ")
    if "ztn" in ways and token is not None:
        if not secure:
            raise NotProven("a token is sent within TLS only: write roots:// as its address")
        word = token.encode() + b"\0"
        await _authenticate(line, b"ztn\0", struct.pack(">4sBc2xH", b"ztn", 0, b"T", len(word)) + word)
    elif "unix" in ways and user:
        await _authenticate(line, b"unix", b"unix\0" + user.encode() + b"\0")
    else:
        return False
    return True


def ways_of(wants: str) -> str:
    """The names of the ways in ``&P=ztn,0:4096:&P=unix``, for people."""
    return ", ".join(part.split(",")[0] for part in wants.split("&P=") if part) or wants


async def _authenticate(line: Line, way: bytes, proof: bytes) -> None:
    answer = await ask(line, AUTH, struct.pack(">12x4s", way), proof)
    if answer.status == AUTHMORE:
        raise NotProven("it wants to know more of who asks than can be told")
    if answer.status != OK:
        raise answer.refusal("it does not take our credentials")
