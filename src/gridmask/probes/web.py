"""One exchange of HTTP: a request on a connection of its own, and the beginning of what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import h11

from gridmask import __version__
from gridmask.loopback import is_loopback
from gridmask.probes.address import Address
from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire

MOST = 1 << 20
"""So many bytes of a body are read; more says nothing more about the service."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its method, headers beside the usual ones, and body."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back. ``headers``: in lower case, of several of one name the last; ``cut``: the body was longer than that."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def told(self) -> str:
        """The status, for people."""
        return f"{self.status} {shown(self.reason, 60)}".strip()


async def ask(target: Target, env: ProbeEnv, asked: Asked, *, most: int = MOST, address: Address | None = None) -> Answered:
    """Put a request to ``target``, or to another ``address`` in its name; no redirect is followed.

    Raises:
        Trouble: there is no answer, or it is no HTTP.
    """
    where = address or target.address
    headers = await _headers(target, env, where, asked)
    async with env.wire(target, where) as wire:
        env.doing = f"waiting for the answer to {asked.method}"
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=64 * 1024)
        try:
            request = h11.Request(method=asked.method, target=where.path or "/", headers=headers)
            sent = [connection.send(request), connection.send(h11.Data(asked.body)), connection.send(h11.EndOfMessage())]
            await wire.send(b"".join(part for part in sent if part))
            return await _answer(wire, connection, most)
        except h11.RemoteProtocolError as error:
            raise Unusable("what it answers is no HTTP") from error
        except h11.LocalProtocolError as error:
            raise NotMade(f"the request cannot be sent: {shown(str(error), 120)}") from error


async def _headers(target: Target, env: ProbeEnv, where: Address, asked: Asked) -> list[tuple[str, str]]:
    given = {"Host": where.authority, "User-Agent": f"gridmask/{__version__}", "Accept": "*/*", "Connection": "close"}
    if token := await env.token(target):
        if not where.secure and not is_loopback(where.host):
            raise NotMade("a token is sent by https only")
        given |= dict([token])
    if asked.body or asked.method in {"POST", "PUT"}:
        given["Content-Length"] = str(len(asked.body))
    return list((given | dict(asked.headers)).items())


async def _answer(wire: Wire, connection: h11.Connection, most: int) -> Answered:
    response, body = await _response(wire, connection), bytearray()
    while isinstance(event := await _next(wire, connection), h11.Data):
        body += event.data
        if len(body) > most:
            return _answered(response, bytes(body[:most]), cut=True)
    return _answered(response, bytes(body))


async def _response(wire: Wire, connection: h11.Connection) -> h11.Response:
    while isinstance(event := await _next(wire, connection), h11.InformationalResponse):
        pass
    if not isinstance(event, h11.Response):
        unusable("the connection was closed without an answer")
    return event


async def _next(wire: Wire, connection: h11.Connection) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        data = await wire.some()
        if not data and connection.their_state is h11.SEND_RESPONSE:
            unusable("the connection was closed without an answer")
        connection.receive_data(data)
    return event


def _answered(response: h11.Response, body: bytes, *, cut: bool = False) -> Answered:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
    return Answered(response.status_code, response.reason.decode("latin-1"), headers, body, cut)


def require(answer: Answered, target: Target, accepted: tuple[str, ...] = ("2xx",)) -> None:
    """End the probe unless the status is one of those ``accepted``, such as ``2xx`` or ``401``.

    Raises:
        NotMade: it says that we must prove who we are, and there is nothing to prove it with.
        Unusable: it is another one.
    """
    if any(fnmatchcase(str(answer.status), pattern.replace("x", "[0-9]")) for pattern in accepted):
        return
    if answer.status in {401, 403} and not target.credentials.any:
        raise NotMade(f"it answers {answer.told}: it wants to know who asks, and this probe has no credentials")
    if answer.status == 400 and b"SSL certificate" in answer.body and not target.credentials.access.certificate:
        raise NotMade(f"it answers {answer.told}: it wants a certificate, and this probe has none")
    refused = ": it does not take our credentials" if answer.status in {401, 403} else ""
    raise Unusable(f"it answers {answer.told}{refused}")
