"""Name servers, by one that speaks the protocol and knows little."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.probing import found

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class NameServer(asyncio.DatagramProtocol):
    """Knows ``www.example.org``, says that there is no ``gone.example.org``, and talks rubbish of ``odd.example.org``."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        name = question.question[0].name.to_text()
        if name.startswith("silent"):
            return
        answer = dns.message.make_response(question)
        if name == "www.example.org.":
            answer.flags |= dns.flags.AA
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.7"))
        elif name == "gone.example.org.":
            answer.set_rcode(dns.rcode.NXDOMAIN)
        wire = answer.to_wire()
        self.transport.sendto(wire[:2] + b"\xff" * 20 if name.startswith("odd") else wire, addr)


@asynccontextmanager
async def name_server() -> AsyncIterator[str]:
    """The URL of one."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(NameServer, ("127.0.0.1", 0))
    try:
        yield f"dns://127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()


async def test_a_name_server() -> None:
    async with name_server() as url:
        good = await found("dns", f"{url}/www.example.org", authoritative=True, answer="192.0.2.7")
        assert (good.result, good.summary) == ("OK", "it knows A of www.example.org")
        other = await found("dns", f"{url}/www.example.org", answer="192.0.2.8")
        assert other.summary == "it says 192.0.2.7 of www.example.org; that is not '192.0.2.8'"
        gone = await found("dns", f"{url}/gone.example.org")
        assert (gone.result, gone.summary) == ("CRITICAL", "it answers NXDOMAIN when asked for A of gone.example.org")
        empty = await found("dns", f"{url}/else.example.org", record="TXT")
        assert empty.summary == "it knows no TXT of else.example.org"


async def test_a_name_server_that_fails() -> None:
    async with name_server() as url:
        silent = await found("dns", f"{url}/silent.example.org", seconds=0.1)
        assert (silent.result, silent.timed_out) == ("CRITICAL", True)
        assert (await found("dns", f"{url}/odd.example.org", seconds=0.2)).result == "CRITICAL"
    assert (await found("dns", f"{url}/www.example.org", seconds=0.2)).result == "CRITICAL"
    assert (await found("dns", "dns://127.0.0.1/" + "x" * 80, seconds=0.2)).result == "UNKNOWN"
