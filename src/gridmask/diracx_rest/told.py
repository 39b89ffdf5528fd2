"""What went wrong, as DiracX tells it: ``{"detail": ...}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from gridmask.access.keys import KeysUnavailable
from gridmask.domain.errors import Forbidden, GridmaskError, InvalidRequest, NotKnown, StoreError, TooMuch, Unauthenticated

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

RETRY_AFTER = 10
"""Seconds after which to try again what nobody can tell now; DiracX's own."""

_STATUS: Mapping[type[GridmaskError], HTTPStatus] = {
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotKnown: HTTPStatus.NOT_FOUND,
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    TooMuch: HTTPStatus.TOO_MANY_REQUESTS,
    KeysUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    GridmaskError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""By the most special class that an error is of."""

_BEARER = re.compile(rb"Bearer .+", re.IGNORECASE | re.DOTALL)


def told(scope: Scope, error: GridmaskError) -> Response:
    """``error`` as the answer to the request of ``scope``."""
    status = next(_STATUS[known] for known in type(error).__mro__ if known in _STATUS)
    headers: dict[str, str] = {}
    if status is HTTPStatus.UNAUTHORIZED and _is_no_bearer(scope):
        status = HTTPStatus.BAD_REQUEST
    elif status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(error, TooMuch):
        headers["Retry-After"] = str(error.wait)
    elif status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER)
    return answer(status, str(error), headers)


def answer(status: HTTPStatus, detail: str, headers: Mapping[str, str]) -> Response:
    """``detail`` as an answer that nobody keeps."""
    return JSONResponse({"detail": detail}, status, headers={"Cache-Control": "no-store", **headers})


def _is_no_bearer(scope: Scope) -> bool:
    """Whether something else than a token is shown, which DiracX takes for a request that makes no sense."""
    shown = dict(scope["headers"]).get(b"authorization", b"")
    return bool(shown) and _BEARER.fullmatch(shown) is None
