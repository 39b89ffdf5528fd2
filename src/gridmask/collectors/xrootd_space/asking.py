"""Asks an XRootD server for its spaces, all over one connection.

Of a path that is not there, a server tells the size of some disk, and that nothing of it is free: whether it is there is asked
before. What is answered is kept as a line for each space: what was asked, a tabulator, and what was said.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gridmask.collectors.dating import afresh
from gridmask.collectors.xrootd_space.options import XrootdSpace
from gridmask.domain.errors import FetchFailed, InvalidConfiguration
from gridmask.http import Gathered, redacted
from gridmask.printable import printable
from gridmask.xrootd.asking import OK, REDIRECT, WAIT, NotSpoken, Reply, space, stat
from gridmask.xrootd.entering import NotProven, agree, greet, log_in, prove, ways_of

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.http.conversation import Spoken

SCHEMES = ("root", "roots")
PORT = 1094
_LONGEST = 1_000


async def gather(asking: Asking) -> Gathered:
    """What the server says of each space; of a file, what it said once.

    Raises:
        SourceError: it does not let us in, or it does not speak the protocol.
        InvalidConfiguration: it cannot be asked there, or not so.
    """
    if asking.is_document:
        return await afresh(asking)
    url, options, token = (
        _address(asking.source.url),
        XrootdSpace.of(asking.source),
        await asyncio.to_thread(asking.access.token),
    )
    told = redacted(asking.source.url)

    async def talk(line: Spoken) -> bytes:
        try:
            await _come_in(line, options.user, token, must=urlsplit(url).scheme == "roots")
            questions = [one.asked(asking.source.url) for one in options.space]
            return "\n".join([f"{question}\t{await _said(line, question)}" for question in questions]).encode()
        except (NotSpoken, NotProven) as error:
            raise FetchFailed(told, printable(str(error)[:_LONGEST])) from error

    return Gathered.of([await asking.client.converse(url, talk, access=asking.access)])


def _address(url: str) -> str:
    """Where to connect for ``url``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", PORT if parts.port is None else parts.port
    except ValueError:
        raise InvalidConfiguration(redacted(url), "is not a URL") from None
    if parts.scheme not in SCHEMES or not host:
        raise InvalidConfiguration(redacted(url), "is no address of the root protocol; write root://HOST:PORT, or roots://")
    who = f"{parts.username}@" if parts.username or parts.password else ""  # which is refused, and not shown
    return f"{parts.scheme}://{who}{f'[{host}]' if ':' in host else host}:{port}"


async def _come_in(line: Spoken, user: str, token: str | None, *, must: bool) -> None:
    await greet(line)
    secure = await agree(line, line.secure, must=must)
    wants = await log_in(line)
    if wants and not await prove(line, wants, token, user, secure=secure):
        raise NotProven(f"it wants to know who asks ({ways_of(wants)}), and that cannot be told: give a token_file, or a user")


async def _said(line: Spoken, question: str) -> str:
    """What is answered to ``question``, in one line."""
    there = await stat(line, question.partition("?")[0])
    if there.status not in (OK, REDIRECT):  # a redirector answers for all its servers
        return _word(there)
    return _word(await space(line, question))


def _word(answer: Reply) -> str:
    if answer.status == OK:
        told = answer.body.rstrip(b"\0").decode("utf-8", "replace")
    elif answer.status == REDIRECT:
        told = f"go to {answer.host} port {answer.number}"
    elif answer.status == WAIT:
        told = f"wait for {answer.number} s"
    else:
        told = str(answer.refusal("no"))
    return printable(" ".join(told[:_LONGEST].split()))
