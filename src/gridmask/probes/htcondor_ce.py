"""``htcondor-ce``: a computing element of HTCondor, by the first exchange of its protocol, CEDAR.

A message is one packet or several: a byte that is 1 in the last, a length of four, so many bytes. Numbers are sent as eight
bytes, texts end with a zero byte. A client that wants anything sends the command ``DC_AUTHENTICATE`` and a ClassAd that says
which command it means and how it could prove who it is; the daemon answers with a ClassAd that says how it wants that. That it
does is what is proven here: nobody logs in. At the port is the daemon for shared ports, which hands on to the collector.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, Unusable, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire

AUTHENTICATE, NOP = 60010, 60011
WAYS = "SSL,SCITOKENS,IDTOKENS,FS"
MOST = 1 << 20
OFFER = (
    f"Command = {NOP}",
    f'AuthMethods = "{WAYS}"',
    f'AuthMethodsList = "{WAYS}"',
    'CryptoMethods = "AES"',
    'Authentication = "OPTIONAL"',
    'Encryption = "OPTIONAL"',
    'Integrity = "OPTIONAL"',
    'OutgoingNegotiation = "PREFERRED"',
    'Enact = "NO"',
    'NewSession = "YES"',
    'Subsystem = "TOOL"',
    'RemoteVersion = "$CondorVersion: 10.0.0 2022-11-10 $"',
)
EXPECTED = ("Authentication", "AuthMethods", "AuthMethodsList", "Enact")


@dataclass(frozen=True, slots=True)
class HtcondorCe:
    """A daemon of HTCondor says how it wants to be told who asks."""

    schemes: ClassVar[tuple[str, ...]] = ("tcp",)
    url: ClassVar[str] = "tcp://{host}:9619"

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        async with env.wire(target) as wire:
            env.doing = "waiting for what its daemon says of security"
            await wire.send(_packet(struct.pack(">q", AUTHENTICATE) + _classad(OFFER)))
            expressions = _expressions(await _message(wire))
        names = {expression.partition("=")[0].strip() for expression in expressions}
        if not names.intersection(EXPECTED):
            unusable("its daemon says nothing of security: it is no HTCondor, or one that is not known here")
        return Finding("OK", "a daemon of HTCondor answers")


def _packet(body: bytes) -> bytes:
    return struct.pack(">BI", 1, len(body)) + body


def _classad(expressions: tuple[str, ...]) -> bytes:
    texts = b"".join(text.encode() + b"\0" for text in (*expressions, "", ""))  # and no types of its own and its target
    return struct.pack(">q", len(expressions)) + texts


async def _message(wire: Wire) -> bytes:
    body = bytearray()
    while True:
        last, length = struct.unpack(">BI", await wire.exactly(5))
        if last not in {0, 1} or length > MOST - len(body):
            unusable("what it answers is no CEDAR")
        body += await wire.exactly(length)
        if last:
            return bytes(body)


def _expressions(body: bytes) -> list[str]:
    """Those of the ClassAd that ``body`` begins with."""
    try:
        [number] = struct.unpack(">q", body[:8])
    except struct.error as error:
        raise Unusable("what it answers is no ClassAd") from error
    texts = body[8:].split(b"\0")
    if not 0 < number < len(texts):
        unusable("what it answers is no ClassAd")
    return [text.decode("utf-8", "replace") for text in texts[:number]]
