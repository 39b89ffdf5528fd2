"""Refusals: with which status of HTTP a form comes back that was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from gridmask.domain.errors import Conflict, Forbidden, InvalidRequest, NotKnown, StoreError, Unauthenticated

if TYPE_CHECKING:
    from gridmask.domain.errors import GridmaskError

log = structlog.get_logger()

_STATUSES = {InvalidRequest: 422, NotKnown: 404, Unauthenticated: 401, Forbidden: 403, Conflict: 409, StoreError: 503}
_FAULT = 500


def status_of(error: GridmaskError) -> int:
    """The status that says what ``error`` says; where it is not who asked that is to blame, the log is told."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), _FAULT)
    if status >= _FAULT:
        log.warning("a request failed", problem=str(error))
    elif status == _STATUSES[Forbidden]:
        log.info("a request was refused", problem=str(error))
    return status
