"""``ldap``: a search by LDAP version 3 (RFC 4511), such as of what a GLUE2 information system publishes.

Hand-written: a bind, one search and an unbind are a few dozen bytes, and the libraries that there are either hold up the event
loop or need a compiler.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple
from urllib.parse import unquote

from gridmask.probes import ber
from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import Wire

BIND, BIND_ANSWER, UNBIND, SEARCH, ENTRY, DONE = 0x60, 0x61, b"\x42\0", 0x63, 0x64, 0x65
REFERENCE = 0x73
EQUALS, PRESENT = 0xA3, 0x87
SUBTREE, NEVER = 2, 0
ENOUGH = 4
"""``sizeLimitExceeded``: there are more entries than were asked for."""

NO_ENTRY = 32
UNNAMED = frozenset({8, 48, 50, 53})
"""What servers say to those who do not tell who they are, where that is not enough."""

MOST_BYTES = 1 << 20
_FILTER = re.compile(r"\(?([A-Za-z][A-Za-z0-9-]*)=([^()*\\]+|\*)\)?")


class _Message(NamedTuple):
    tag: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Ldap:
    """A search below ``base`` finds enough entries.

    Attributes:
        base: below what is searched.
        filter: an attribute with a value, or with ``*`` for any, as in ``(objectClass=GLUE2Service)``.
        at_least: so many entries there must be; 0: the server must answer, no more.
    """

    schemes: ClassVar[tuple[str, ...]] = ("ldap", "ldaps")
    url: ClassVar[str] = "ldap://{host}:2170"

    base: str = "o=glue"
    filter: str = "(objectClass=*)"
    at_least: int = 1

    def __post_init__(self) -> None:
        if not _FILTER.fullmatch(self.filter):
            raise ValueError(
                f"filter: {self.filter!r} is none that is known; write it as '(attribute=value)', or '(attribute=*)'"
            )

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        user, password = await env.login(target.credentials)
        base = unquote(target.address.path[1:]) or self.base
        async with env.wire(target) as wire:
            env.doing = "logging in"
            await wire.send(_message(1, _bind(user, password)))
            code, told = await _result(wire, BIND_ANSWER)
            if code in UNNAMED and not user:
                raise NotMade(f"it wants to know who asks, and this probe has no login: {told}")
            if code:
                unusable(f"it does not let us in: {told}")
            env.doing = f"searching below {base}"
            await wire.send(_message(2, self._search(base)))
            entries = await _entries(wire, base)
            await wire.send(_message(3, UNBIND))
        if entries < self.at_least:
            unusable(f"it has {entries:,} entries of {self.filter} below {base}; there should be {self.at_least:,}")
        return Finding("OK", f"it finds {self.filter} below {base}", {"entries": entries})

    def _search(self, base: str) -> bytes:
        asked = _FILTER.fullmatch(self.filter)
        assert asked  # or it would not have been made
        name, value = asked.groups()
        either = ber.text(name, PRESENT) if value == "*" else ber.encoded(EQUALS, ber.text(name), ber.text(value))
        return ber.encoded(
            SEARCH,
            ber.text(base),
            ber.number(SUBTREE, ber.ENUMERATED),
            ber.number(NEVER, ber.ENUMERATED),
            ber.number(max(self.at_least, 1)),
            ber.number(0),
            ber.encoded(ber.BOOLEAN, b"\0"),
            either,
            ber.encoded(ber.SEQUENCE, ber.text("1.1")),  # no attributes
        )


def _bind(user: str, password: str) -> bytes:
    return ber.encoded(BIND, ber.number(3), ber.text(user), ber.text(password, 0x80))


def _message(number: int, operation: bytes) -> bytes:
    return ber.encoded(ber.SEQUENCE, ber.number(number), operation)


async def _entries(wire: Wire, base: str) -> int:
    """How many entries came before the search was done."""
    entries, size = 0, 0
    async for message in _messages(wire):
        size += len(message.body)
        if size > MOST_BYTES:
            unusable("it answers with more than a megabyte, though nothing but names was asked for")
        if message.tag == ENTRY:
            entries += 1
        elif message.tag == DONE:
            code, told = _read(message.body)
            if code == NO_ENTRY:
                unusable(f"there is no {base}")
            if code not in {0, ENOUGH}:
                unusable(f"it does not search: {told}")
            return entries
        elif message.tag != REFERENCE:
            break
    raise Unusable("what it answers is no LDAP")


async def _result(wire: Wire, wanted: int) -> tuple[int, str]:
    async for message in _messages(wire):
        if message.tag != wanted:
            break
        return _read(message.body)
    raise Unusable("what it answers is no LDAP")


async def _messages(wire: Wire) -> AsyncIterator[_Message]:
    while True:
        head = await wire.exactly(2)
        if head[1] > 128:
            head += await wire.exactly(min(head[1] & 0x7F, 4))
        try:
            tag, length, _ = ber.header(head)
            if tag != ber.SEQUENCE or length > MOST_BYTES:
                unusable(f"what it answers is no LDAP: {head.hex(' ')}")
            [_, operation, *_] = ber.decoded(await wire.exactly(length))
        except (ValueError, IndexError) as error:
            raise Unusable(f"what it answers is no LDAP: {head.hex(' ')}") from error
        yield _Message(*operation)


def _read(body: bytes) -> tuple[int, str]:
    """The code of a result, and what it says to people."""
    try:
        [(_, code), _, (_, text), *_] = ber.decoded(body)
    except ValueError as error:
        raise Unusable("what it answers is no LDAP") from error
    number = int.from_bytes(code, "big")
    return number, f"{shown(text, 120) or 'no reason given'} (code {number})"
