"""``/api/v1/tokens``: rows in people's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from gridmask.api.dependencies import By, Here, WordFilter
from gridmask.api.models import ElementId, Moment, Prose, Said, StatusName, Token
from gridmask.api.statuses import STALE, Changed, IfMatch, RowsAsked, TermAsked, changed

if TYPE_CHECKING:
    from gridmask.domain.row import Row

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


class HeldRow(ElementId):
    """A row that somebody holds."""

    status_type: str
    vo: str
    status: StatusName
    opinion: StatusName = Field(description="What automation would make it.")
    binding: bool
    token: Token


class TokensSaid(Said):
    """The rows that people hold; what ends, or is to be reviewed, first comes first."""

    tokens: list[HeldRow]


class Taking(TermAsked):
    """Rows to be taken out of automation's hands as they are."""

    reason: Prose


class Extension(TermAsked):
    """Rows of one's own, to be held for another term from now."""

    reason: str = Field("", max_length=4000)


class Release(RowsAsked):
    """Rows to be given back to automation."""

    reason: str = Field("", max_length=4000)


@router.get("", summary="List who holds what")
async def list_tokens(
    gridmask: Here,
    vo: WordFilter = None,
    owner: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
    before: Annotated[Moment | None, Query(description="Only what ends, or is to be reviewed, before then.")] = None,
) -> TokensSaid:
    """The rows that people hold. One that follows a row of `all`, since it began while that was held, is not told."""
    return tokens_said(await gridmask.tokens.list(vo=vo, owner=owner, before=before))


@router.post("", summary="Take rows", responses=STALE)
async def take_tokens(asked: Taking, gridmask: Here, by: By, if_match: IfMatch = None) -> Changed:
    """Take rows out of automation's hands as they are, whosever they were: all in one transaction, or none."""
    outcome, keys = await gridmask.tokens.take(by, asked.called(), asked.reason, asked.wanted(), seen=asked.sight(if_match))
    return await changed(gridmask, outcome, keys)


@router.post("/extend", summary="Hold rows for longer", responses=STALE)
async def extend_tokens(asked: Extension, gridmask: Here, by: By, if_match: IfMatch = None) -> Changed:
    """Hold rows for another term from now, all of them one's own: all in one transaction, or none."""
    outcome, keys = await gridmask.tokens.extend(by, asked.called(), asked.wanted(), asked.reason, seen=asked.sight(if_match))
    return await changed(gridmask, outcome, keys)


@router.post("/release", summary="Release rows", responses=STALE)
async def release_tokens(asked: Release, gridmask: Here, by: By, if_match: IfMatch = None) -> Changed:
    """Give rows back to automation, which decides about them at once: all in one transaction, or none."""
    outcome, keys = await gridmask.tokens.release(by, asked.called(), asked.reason, seen=asked.sight(if_match))
    return await changed(gridmask, outcome, keys)


def tokens_said(held: list[Row]) -> TokensSaid:
    """The rows that people hold as the API says them."""
    return TokensSaid(tokens=[_held(row) for row in held])


def _held(row: Row) -> HeldRow:
    identity = {**row.key.element._asdict(), "status_type": row.key.status_type, "vo": row.key.vo}
    token = Token.model_validate(row.token)
    return HeldRow(**identity, status=row.status, opinion=row.opinion, binding=row.binding, token=token)
