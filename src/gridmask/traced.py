"""Traced: has traces sent, where the settings want that."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from gridmask.settings import Tracing


def traced(settings: Tracing) -> AbstractContextManager[None]:
    """Has what this process does meanwhile sent as traces, if ``settings`` say so.

    Raises:
        InvalidConfiguration: they do, and OpenTelemetry is not installed, or its variables say what cannot be.
    """
    if not settings.enabled:
        return nullcontext()
    try:
        # what most installations do without takes a quarter of a second to load
        from gridmask import otel  # noqa: PLC0415
    except ImportError as error:
        raise InvalidConfiguration("tracing.enabled", f"takes OpenTelemetry: install gridmask[otel] ({error})") from error
    return otel.exporting()
