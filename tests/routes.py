"""What FastAPI makes of the routes, made once for all applications of the process: it takes longer than most tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.api.openapi import Api

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest
    from fastapi import APIRouter
    from fastapi.params import Depends
    from starlette.routing import BaseRoute

_included: dict[tuple[int, tuple[object, ...]], BaseRoute] = {}
_overrides: dict[Any, Any] = {}
"""What a test has in place of dependencies, until another application is made."""

_include = Api.include_router
_describe = Api.openapi


def _shared(self: Api, router: APIRouter, *, dependencies: Sequence[Depends]) -> None:
    if self.dependency_overrides is not _overrides:
        _overrides.clear()
        self.dependency_overrides = _overrides
    key = (id(router), tuple(depends.dependency for depends in dependencies))
    if key in _included:
        self.router.routes.append(_included[key])
    else:
        _include(self, router, dependencies=dependencies)
        _included[key] = self.router.routes[-1]


_described: dict[str, Any] = {}


def _described_once(self: Api) -> dict[str, Any]:
    if not _described:
        _described.update(_describe(self))
    self.openapi_schema = _described
    return _described


def share(patch: pytest.MonkeyPatch) -> None:
    """From now on, all applications have the routes of the first."""
    patch.setattr(Api, "include_router", _shared)
    patch.setattr(Api, "openapi", _described_once)
