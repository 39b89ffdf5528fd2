"""``redis``: a ping by RESP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire


@dataclass(frozen=True, slots=True)
class Redis:
    """The server takes the login, if there is one, and answers ``PING``."""

    schemes: ClassVar[tuple[str, ...]] = ("redis", "rediss")
    url: ClassVar[str] = "redis://{host}"

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        user, password = await env.login(target.credentials)
        async with env.wire(target) as wire:
            if password:
                env.doing = "logging in"
                await _ask(wire, *filter(None, ("AUTH", user, password)), wanted="OK")
            env.doing = "waiting for the answer to a ping"
            await _ask(wire, "PING", wanted="PONG")
        return Finding("OK", "it answers a ping")


async def _ask(wire: Wire, *words: str, wanted: str) -> None:
    encoded = [word.encode() for word in words]
    parts = (b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
    await wire.send(b"*%d\r\n" % len(words) + b"".join(parts))
    answer = (await wire.line()).rstrip(b"\r\n")
    if answer.startswith(b"-NOAUTH"):
        raise NotMade("it wants a password, and this probe has none")
    if answer.startswith(b"-"):
        unusable(f"it refuses {words[0]}: {shown(answer[1:], 160)}")
    if answer != b"+" + wanted.encode():
        unusable(f"what it answers is no Redis: {shown(answer, 60)!r}")
