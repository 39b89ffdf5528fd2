"""What routes are given: the installation, who asks, and the certainty that every parameter is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Query, Request
from fastapi.routing import APIRoute

from gridmask.bootstrap import Installation
from gridmask.domain.actor import Actor
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.spelling import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastapi.dependencies.models import Dependant
    from starlette.types import Scope


async def installation(request: Request) -> Installation:
    """The installation that is served."""
    return cast("Installation", request.app.state.installation)


async def of_scope(scope: Scope) -> Actor:
    """Who asks, through whichever door, as the gate found out."""
    return cast("Actor", scope["state"]["actor"])


async def actor(request: Request) -> Actor:
    """Who asks."""
    return await of_scope(request.scope)


async def only_known_parameters(request: Request) -> None:
    """See :func:`check_parameters`."""
    route: APIRoute = request.scope["route"]
    check_parameters(request.query_params.multi_items(), dict.fromkeys(query_parameters(route.dependant), False))


def query_parameters(dependant: Dependant) -> Iterator[str]:
    """The query parameters of what a route depends on, and its own."""
    for each in dependant.dependencies:
        yield from query_parameters(each)
    yield from (field.alias for field in dependant.query_params)


def check_parameters(given: Iterable[tuple[str, str]], known: Mapping[str, bool]) -> None:
    """Check the names of query parameters: of a filter that is misspelt, everything would pass.

    Args:
        given: names and values.
        known: by name of each that there is, whether it may be repeated.

    Raises:
        InvalidRequest: one is not known, or given twice.
    """
    seen: set[str] = set()
    for name, _ in given:
        if name not in known:
            near = suggest(name, known)
            allowed = f"there are {', '.join(sorted(known))}" if known else "there is none"
            raise InvalidRequest(f"There is no parameter {name!r} here; {f'did you mean {near!r}?' if near else f'{allowed}.'}")
        if name in seen and not known[name]:
            raise InvalidRequest(f"The parameter {name!r} is given more than once; it can have one value only.")
        seen.add(name)


Here = Annotated[Installation, Depends(installation)]
By = Annotated[Actor, Depends(actor)]

FamilyFilter = Annotated[str | None, Query(min_length=1, max_length=16)]
WordFilter = Annotated[str | None, Query(min_length=1, max_length=64)]
NameFilter = Annotated[str | None, Query(min_length=1, max_length=255)]
"""Filters; one that is absent lets everything pass, and an empty one is none."""

Limit = Annotated[int, Query(ge=1, le=1000, description="How many to list at most.")]
Cursor = Annotated[int, Query(ge=0, le=2**63 - 1, description="`next` of the answer before.")]
