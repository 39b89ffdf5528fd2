"""What is made of the root protocol's answers; the real server's are in ``tests/integration``."""

from __future__ import annotations

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.xrootd.asking import ERROR, OK, REDIRECT, WAIT, NotSpoken, Reply, space, stat
from gridmask.xrootd.entering import NotProven, agree, greet, log_in, prove, ways_of

GREETED = struct.pack(">2sHi", bytes(2), OK, 8) + struct.pack(">ii", 0x511, 1)
TLS = 0x40000000


class Closed(Exception):
    """Nothing comes any more."""


class Line:
    """A connection on which everything has come already."""

    def __init__(self, coming: bytes) -> None:
        self.coming = coming
        self.sent = b""
        self.secured = False

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def exactly(self, number: int) -> bytes:
        if len(self.coming) < number:
            raise Closed
        came, self.coming = self.coming[:number], self.coming[number:]
        return came

    async def secure(self) -> None:
        self.secured = True


def answer(body: bytes = b"", status: int = OK) -> bytes:
    return struct.pack(">2sHi", b"\0\1", status, len(body)) + body


def agreed(flags: int = 1) -> bytes:
    return answer(struct.pack(">iI", 0x511, flags))


async def conversation(line: Line, *, must: bool = False, token: str | None = None, user: str = "") -> Reply:
    await greet(line)
    secure = await agree(line, line.secure, must=must)
    if wants := await log_in(line):
        await prove(line, wants, token, user, secure=secure)
    await stat(line, "/data")
    return await space(line, "/data?oss.cgroup=x")


def told(line: Line, **more: bool | str) -> Reply:
    return asyncio.run(conversation(line, **more))  # type: ignore[arg-type]  # of its own arguments


def test_who_is_let_in_may_ask() -> None:
    line = Line(GREETED + agreed() + answer(bytes(16)) + answer(b"1 2 3 4\0") + answer(b"oss.cgroup=x\0"))
    assert told(line).body == b"oss.cgroup=x\0"
    assert line.sent.endswith(struct.pack(">2sHH14xi", b"\0\1", 3001, 5, 18) + b"/data?oss.cgroup=x")


def test_tls_is_spoken_where_either_side_wants_it() -> None:
    line = Line(GREETED + agreed(TLS | 1) + answer(bytes(16)) + answer() + answer())
    told(line)
    assert line.secured
    with pytest.raises(NotSpoken, match="does not speak TLS"):
        told(Line(GREETED + agreed() + answer(bytes(16))), must=True)


def test_a_token_is_sent_within_tls_alone() -> None:
    wants = answer(bytes(16) + b"&P=ztn,0:4096:&P=unix\0")
    line = Line(GREETED + agreed() + wants)
    with pytest.raises(NotProven, match="within TLS only"):
        told(line, token="secret")
    assert b"secret" not in line.sent
    line = Line(GREETED + agreed(TLS) + wants + answer() * 3)
    told(line, token="secret")
    assert b"secret\0" in line.sent


def test_a_refusal_is_told_in_its_words() -> None:
    refused = answer(struct.pack(">i", 3010) + b"go away\0", ERROR)
    with pytest.raises(NotSpoken, match="it takes no login: go away"):
        told(Line(GREETED + agreed() + refused))
    with pytest.raises(NotSpoken, match=r"it takes no login \(status 7\)"):
        told(Line(GREETED + agreed() + answer(status=7)))


def test_other_words_say_where_to_go_and_how_long_to_wait() -> None:
    away = Reply(REDIRECT, struct.pack(">i", 1095) + b"b.example.org?&token=x\0")
    assert (away.host, away.number) == ("b.example.org", 1095)
    assert Reply(WAIT, struct.pack(">i", 10)).number == 10
    assert Reply(WAIT, b"x").number == 0


@pytest.mark.parametrize(("wants", "ways"), [("&P=ztn,0:4096:&P=unix", "ztn, unix"), ("&P=gsi,v:1", "gsi"), ("", "")])
def test_the_ways_to_prove_who_one_is_have_names(wants: str, ways: str) -> None:
    assert ways_of(wants) == ways


pieces = st.sampled_from((GREETED, agreed(), agreed(TLS), answer(bytes(16)), answer(bytes(16) + b"&P=ztn&P=unix"), answer()))


@given(st.lists(pieces | st.binary(max_size=40) | st.binary(max_size=20).map(answer), max_size=8).map(b"".join))
def test_whatever_comes_it_is_an_answer_or_told(coming: bytes) -> None:
    try:
        assert isinstance(told(Line(coming), token="secret", user="me"), Reply)
    except (NotSpoken, NotProven, Closed):
        return
