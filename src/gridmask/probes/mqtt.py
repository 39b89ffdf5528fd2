"""``mqtt``: a session by MQTT 3.1.1, and a ping within it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from secrets import token_hex
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, unusable
from gridmask.probes.target import Target

CONNACK, PINGREQ, PINGRESP, DISCONNECT = 0x20, b"\xc0\0", b"\xd0\0", b"\xe0\0"
CLEAN, WITH_PASSWORD, WITH_USER = 0x02, 0x40, 0x80
KEEP_ALIVE = 60
REFUSALS = {
    1: "it does not speak MQTT 3.1.1",
    2: "it does not like our name",
    3: "it says that it is not available",
    4: "it does not take our login",
    5: "it does not let us in",
}


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The broker opens a session, and answers a ping within it."""

    schemes: ClassVar[tuple[str, ...]] = ("mqtts", "mqtt")
    url: ClassVar[str] = "mqtts://{host}"

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        user, password = await env.login(target.credentials)
        async with env.wire(target) as wire:
            env.doing = "opening a session"
            await wire.send(_connect(user, password))
            answer = await wire.exactly(4)
            if answer[:2] != bytes([CONNACK, 2]):
                unusable(f"what it answers is no MQTT: {answer.hex(' ')}")
            if answer[3] in {4, 5} and not user:
                raise NotMade("it wants to know who asks, and this probe has no login")
            if answer[3]:
                unusable(REFUSALS.get(answer[3], f"it refuses with the code {answer[3]}"))
            env.doing = "waiting for the answer to a ping"
            await wire.send(PINGREQ)
            if await wire.exactly(2) != PINGRESP:
                unusable("it does not answer a ping as it should")
            await wire.send(DISCONNECT)
        return Finding("OK", "it opens a session, and answers a ping")


def _connect(user: str, password: str) -> bytes:
    flags, payload = CLEAN, _text(f"gridmask-{token_hex(6)}")
    if user:
        flags, payload = flags | WITH_USER, payload + _text(user)
    if user and password:
        flags, payload = flags | WITH_PASSWORD, payload + _text(password)
    body = _text("MQTT") + struct.pack(">BBH", 4, flags, KEEP_ALIVE) + payload
    return b"\x10" + _length(len(body)) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


def _length(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the highest bit says that another one follows."""
    digits = bytearray()
    while True:
        number, digit = divmod(number, 128)
        digits.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(digits)
