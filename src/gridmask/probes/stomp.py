"""``stomp``: a session by STOMP 1.0 to 1.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import unquote

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire


@dataclass(frozen=True, slots=True)
class Stomp:
    """The broker opens a session, and confirms its end. The path is the virtual host; without one, ``/``."""

    schemes: ClassVar[tuple[str, ...]] = ("stomps", "stomp")
    url: ClassVar[str] = "stomps://{host}"

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        user, password = await env.login(target.credentials)
        host = unquote(target.address.path[1:]) or "/"
        headers = {"accept-version": "1.0,1.1,1.2", "host": host, "heart-beat": "0,0"}
        if user:
            headers |= {"login": user, "passcode": password}
        async with env.wire(target) as wire:
            env.doing = "opening a session"
            await wire.send(_frame("CONNECT", headers))
            version = await _answer(wire, "CONNECTED", named=bool(user))
            env.doing = "closing the session"
            await wire.send(_frame("DISCONNECT", {"receipt": "bye"}))
            await _answer(wire, "RECEIPT")
        return Finding("OK", f"it opens a session by STOMP {version or '1.0'}")


def _frame(command: str, headers: dict[str, str]) -> bytes:
    # the frame that connects has no escapes: what is put there has to be clean
    lines = [command, *(f"{name}:{value}" for name, value in headers.items()), "", "\0"]
    return "\n".join(lines).encode()


async def _answer(wire: Wire, wanted: str, *, named: bool = True) -> str:
    """The version of the frame ``wanted``, which must come next."""
    frame = (await wire.until(b"\0")).lstrip(b"\r\n").rstrip(b"\0")
    head, _, body = frame.replace(b"\r\n", b"\n").partition(b"\n\n")
    command, *lines = head.decode("utf-8", "replace").split("\n")
    headers = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    if command == "ERROR":
        reason = f"it refuses: {shown(headers.get('message') or body, 160)}"
        raise Unusable(reason) if named else NotMade(f"{reason}; and this probe has no login")
    if command != wanted:
        unusable(f"what it answers is no STOMP: {shown(command, 60)!r}")
    return shown(headers.get("version", ""), 10)
