"""Slack, Mattermost, Matrix, and whatever else apprise knows the way to."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from gridmask.actions.notify.channel import off_the_loop
from gridmask.domain.errors import Deferred, NotTold, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.actions.notify.layout import Letter
    from gridmask.actions.secrets import Secret

_LATER = frozenset({408, 425, 429})
_CODE = re.compile(r"error=(\d{3})")
_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True)
class Service:
    """The way to the address called ``name``, whose URL, as apprise writes it, is a secret."""

    name: str
    url: Secret

    async def send(self, key: str, letter: Letter) -> None:
        """See :class:`~gridmask.actions.notify.channel.Channel`."""
        del key  # none of them takes one
        await off_the_loop(self.name, partial(self._send, letter))

    def _send(self, letter: Letter) -> None:
        url = self.url.read(f"the URL of {self.name}")
        with _overheard() as said:
            target = _target(url)
            if target is None:
                raise NotTold(self.name, f"its URL is none that apprise understands{_hint(said, url)}")
            if not self._is_sent(target, letter, url):
                raise self._failure(said, url)

    def _is_sent(self, target: Any, letter: Letter, url: str) -> bool:  # noqa: ANN401 - as below
        # it is plain text: what sources say of themselves makes no links, and calls nobody
        try:
            return bool(target.notify(body=letter.body, title=letter.subject, body_format="text"))
        except Exception as fault:  # noqa: BLE001 - whatever it is, what it says may have the URL in it
            raise NotTold(self.name, f"it could not be sent: {_redacted(f'{type(fault).__name__}: {fault}', url)}") from None

    def _failure(self, said: list[str], url: str) -> NotTold:
        told = f"it could not be sent{_hint(said, url)}"
        code = next((int(match[1]) for line in said if (match := _CODE.search(line))), 0)
        if code in _LATER:
            return Deferred(self.name, told)
        return Refused(self.name, told) if 400 <= code < 500 else NotTold(self.name, told)


def _target(url: str) -> Any:  # noqa: ANN401 - one of apprise's many classes
    _quiet()
    import apprise  # noqa: PLC0415 - it takes a third of a second, and not everybody needs it

    # what is too long for a service is cut into several by it; nothing is dropped
    return apprise.Apprise.instantiate(f"{url}{'&' if '?' in url else '?'}overflow=split", suppress_exceptions=True)


def _hint(said: list[str], url: str) -> str:
    return f": {'; '.join(_redacted(line, url) for line in said)}" if said else ""


def _redacted(text: str, url: str) -> str:
    """``text`` without anything that stands in ``url``, but for its scheme and host."""
    _, _, rest = url.partition("://")
    pieces = {*re.split(r"[/?&=:@#]", rest), *re.split(r"[/?&=:@#]", unquote(rest))}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SHORTEST_SECRET:
            text = text.replace(piece, "...")
    return text


@cache
def _quiet() -> None:
    """Have what these libraries say not logged: URLs stand in it."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    logging.getLogger("urllib3").setLevel(logging.INFO)


class _Overhearing(logging.Handler):
    """Notes what is said in one thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What apprise says in this thread meanwhile; it answers yes or no, and logs why."""
    handler, logger = _Overhearing(), logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)  # however little is logged, or whoever switched loggers off: it is heard
    logger.disabled = False
    logger.addHandler(handler)
    try:
        yield handler.said
    finally:
        logger.removeHandler(handler)
