"""The log of a command: on stderr, and no more of it than was asked for."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, verbose: bool, level: int = logging.ERROR) -> None:
    """Log to stderr what is of ``level`` or graver; ``verbose``: everything."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO if verbose else logging.WARNING)  # libraries
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else level),
        # stderr as it is when something is logged, not as it was when this was configured
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
