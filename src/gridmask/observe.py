"""Logs: one line for each thing that happened, on stderr, whoever wrote it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from gridmask import tracing
from gridmask.printable import printable

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"

LEVELS = ("debug", "info", "warning", "error")

PEOPLE = frozenset({"actor", "name", "owner", "address"})
"""The fields that tell who somebody is, and where."""

ASKED: ContextVar[tuple[str, str]] = ContextVar("asked", default=("", ""))
"""The identifier of the request that is being answered, and who asks; empty where there is none, or nobody knows."""

_SECRET_KEY = re.compile(r"passw|secret|token$|authorization|cookie|credential|api_?key", re.IGNORECASE)
_IN_URL = re.compile(r"(?<=://)[^/\s]+@")
_IN_QUERY = re.compile(r"([?&;][^=&\s]*(?:passw|secret|token|sig|key|auth|cred)[^=&\s]*=)[^&#\s'\"]+", re.IGNORECASE)
_OF_LOG_INS = re.compile(r"([?&;](?:code|state|session_state|nonce|code_verifier)=)[^&#\s'\"]+", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE)

_CHATTY = ("alembic", "asyncio", "aiosqlite", "httpcore2", "httpx2", "uvicorn.error")
"""These are heard one level less: what they say otherwise is of interest to their authors only."""


def configure(level: str = "info", *, json: bool | None = None, people: bool = True) -> None:
    """Set up all logging of this process; the later call counts.

    Args:
        level: the least important level that is shown, one of :data:`LEVELS`.
        json: an object in JSON a line; None: unless stderr is a terminal.
        people: whether it is told who did it, and from where.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    shared = [*_shared(), *([] if people else [_without_people])]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(shared, json=not sys.stderr.isatty() if json is None else json))
    logging.basicConfig(handlers=[handler], level=number, force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # each try to reach a collector that is away would be told
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.INFO if number < logging.INFO else max(number, logging.WARNING))


def _shared() -> list[Processor]:
    """What happens to every entry, ours or that of a library."""
    return [
        structlog.contextvars.merge_contextvars,
        _with_whence,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]


def _formatter(shared: list[Processor], *, json: bool) -> logging.Formatter:
    # a traceback with the values of variables would show secrets
    plain = structlog.dev.plain_traceback
    last: Processor = (
        structlog.processors.JSONRenderer(default=_written)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, last])


def _written(value: object) -> str:
    """What JSON has no word for: moments as they are written everywhere else, and all others as text."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def _with_whence(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    """With the request during which it happened, who asked, and the trace that it is part of."""
    request, actor = ASKED.get()
    if request:
        entry.setdefault("request", request)
    if actor:
        entry.setdefault("actor", actor)
    if ids := tracing.ids():
        entry["trace_id"], entry["span_id"] = ids
    return entry


def _without_people(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    return {key: value for key, value in entry.items() if key not in PEOPLE}


def _without_secrets(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    return {key: HIDDEN if _SECRET_KEY.search(key) and value else _harmless(value) for key, value in entry.items()}


def _harmless(value: Any) -> Any:  # noqa: ANN401 - whatever was logged
    if isinstance(value, str):
        hidden = _IN_URL.sub(f"{HIDDEN}@", value)
        for pattern in (_IN_QUERY, _OF_LOG_INS):
            hidden = pattern.sub(rf"\1{HIDDEN}", hidden)
        return printable(_BEARER.sub(rf"\1 {HIDDEN}", hidden))
    if isinstance(value, Mapping):
        return {k: HIDDEN if _SECRET_KEY.search(str(k)) and v else _harmless(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_harmless(item) for item in value]
    return value
