"""``xrootd``: the root protocol, as far as it takes to know that a server works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire
from gridmask.xrootd.asking import OK, PING, REDIRECT, WAIT, NotSpoken, Reply, ask, stat
from gridmask.xrootd.entering import NotProven, agree, greet, log_in, prove, ways_of


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
            with _troubles():
                wants = await _come_in(wire, env, target)
                if wants and not await _prove(wire, env, target, wants):
                    if target.address.path:
                        raise NotMade(f"it wants to know who asks ({_ways(wants)}), and this probe cannot tell it")
                    return Finding("OK", f"it takes logins, and wants to know who asks ({_ways(wants)})")
                return await _look(wire, env, target)


@contextmanager
def _troubles() -> Iterator[None]:
    try:
        yield
    except NotSpoken as error:
        raise Unusable(str(error)) from error
    except NotProven as error:
        raise NotMade(str(error)) from error


async def _come_in(wire: Wire, env: ProbeEnv, target: Target) -> str:
    """Up to the login; what it wants to have proven."""

    async def secure() -> None:
        await wire.secure(await env.workshop.identities.context(target.credentials.access))

    env.doing = "greeting"
    await greet(wire)
    env.doing = "agreeing on the protocol"
    await agree(wire, secure, must=target.address.secure)
    env.doing = "logging in"
    return await log_in(wire)


async def _prove(wire: Wire, env: ProbeEnv, target: Target, wants: str) -> bool:
    """Prove who asks by the first way that both know. Whether there is one."""
    header = await env.token(target)
    env.doing = "proving who asks"
    token = header[1].rpartition(" ")[2] if header else None
    return await prove(wire, wants, token, target.credentials.user, secure=wire.is_secure)


async def _look(wire: Wire, env: ProbeEnv, target: Target) -> Finding:
    path = target.address.path[1:] if target.address.path.startswith("//") else target.address.path
    env.doing = "waiting for the answer to a ping"
    if not path:
        return _good(await ask(wire, PING), "it answers a ping", "it does not answer a ping as it should")
    env.doing = f"looking at {path}"
    return _good(await stat(wire, path), f"it knows {path}", f"it cannot tell of {path}")


def _good(answer: Reply, good: str, bad: str) -> Finding:
    if answer.status == OK:
        return Finding("OK", good)
    if answer.status == REDIRECT:
        return Finding("OK", f"it sends on to {shown(answer.host, 120)} port {answer.number}")
    if answer.status == WAIT:
        return Finding("WARNING", f"it asks to wait for {answer.number} s")
    raise answer.refusal(bad)


def _ways(wants: str) -> str:
    return shown(ways_of(wants), 80)
