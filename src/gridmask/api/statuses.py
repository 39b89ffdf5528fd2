"""``/api/v1/statuses``: rows, as they are and as people set them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import Field, model_validator

from gridmask.api.dependencies import By, Cursor, FamilyFilter, Here, Limit, NameFilter, WordFilter
from gridmask.api.models import Asked, ElementId, Family, Moment, Name, Prose, Reason, Said, StatusName, Token, Word
from gridmask.conditional import tags
from gridmask.domain.errors import InvalidRequest, StoreUnavailable
from gridmask.domain.instructions import SaveRow
from gridmask.domain.vo import ALL
from gridmask.service.selection import MOST_MATCHES, Chosen, ElementName, RowName, rows_that_match
from gridmask.service.statuses import Filter
from gridmask.service.tokens import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import RowKey
    from gridmask.domain.events import Sight
    from gridmask.service.statuses import Seen
    from gridmask.store.ledger import Outcome

router = APIRouter(prefix="/api/v1/statuses", tags=["statuses"])


class RowSaid(ElementId):
    """A row, as a reader asking for `vo` gets it."""

    site: str
    status_type: str = Field(examples=["all", "ReadAccess"])
    vo: str = Field(description="For whom it was asked.")
    row: str = Field(description="Whose row answers: the VO's own, or `all`.")
    status: StatusName
    since: Moment
    opinion: StatusName = Field(description="What automation would make it; differs while a person holds the row.")
    token: Token | None
    binding: bool = Field(description="Whether it outranks every VO's own row.")
    reasons: list[Reason]
    revision: int = Field(description="The last revision that changed it; what `seen` is compared with.")


class RowDealt(RowSaid):
    """A row with which somebody dealt, as it is now."""

    changed: bool = Field(description="Whether it is other than before, in whatever way; else it was so already.")


class RowsSaid(Said):
    """Part of the rows."""

    statuses: list[RowSaid]
    next: int | None = Field(description="The `cursor` that asks for what comes after; null: that was all.")


class RowAsked(Asked):
    """Rows as people call them: those of the element called `name`, or those of every one that agrees with `match`.

    Without a status type, every one that the element's type has.
    """

    name: Name | None = None
    match: dict[str, Word | list[Word]] | None = Field(
        None,
        description="Patterns by key, as in a policy's `match`, of elements in the inventory that are offered to the VO.",
        examples=[{"site": "LCG.*", "tags": ["tier1", "!tape"]}],
    )
    type: Word | None = None
    family: Family | None = None
    status_type: Word | None = None
    vo: Word = ALL

    @model_validator(mode="after")
    def _one_way(self) -> RowAsked:
        if (self.name is None) is (self.match is None):
            raise ValueError("say either 'name' or 'match'")
        return self

    def called(self) -> Chosen:
        """As the use cases call it."""
        if self.name is not None:
            return RowName(ElementName(self.name, self.type, self.family), self.status_type, self.vo)
        given = {"type": self.type, "family": self.family, "status_type": self.status_type}
        return rows_that_match({**(self.match or {}), **{key: value for key, value in given.items() if value}}, self.vo)


class RowsAsked(Asked):
    """Rows that somebody deals with: all of them in one transaction, or none."""

    rows: list[RowAsked] = Field(
        min_length=1, max_length=1000, description=f"By name, or, {MOST_MATCHES} at most, by what they are."
    )
    seen: int | None = Field(
        None, ge=0, le=2**63 - 1, description="The revision in which you saw the rows; if one changed since, nothing is done."
    )

    def called(self) -> list[Chosen]:
        """As the use cases call them."""
        return [row.called() for row in self.rows]

    def sight(self, if_match: str | None) -> Sight | None:
        """What was seen of the rows, as the body and the header ``If-Match`` have it.

        Raises:
            InvalidRequest: both say something of it.
        """
        if if_match is None or if_match.strip() == "*":
            return self.seen
        if self.seen is not None:
            raise InvalidRequest("Say either 'seen' or 'If-Match': both are about what you saw.")
        return frozenset(int(tag) for tag in tags(if_match) if tag.isascii() and tag.isdigit() and len(tag) < _LONGEST)


class TermAsked(RowsAsked):
    """For how long automation stays away: as long as is customary in the installation, a day, unless told otherwise."""

    until: Moment | None = None
    lasting: bool = Field(default=False, description="Until released, instead of until some time.")
    agreed: bool = Field(
        default=False, description="Until automation asks for the very status that a row has; or `until`, if that comes first."
    )
    review_at: Moment | None = Field(None, description="When somebody should look at the rows again.")

    @model_validator(mode="after")
    def _one_end(self) -> TermAsked:
        if self.lasting and self.until is not None:
            raise ValueError("'until' and 'lasting' exclude each other")
        return self

    def wanted(self) -> Wanted:
        """As the use cases call it."""
        return Wanted(self.until, self.lasting, self.agreed, self.review_at)


class Setting(TermAsked):
    """What some rows are to be, and for how long."""

    status: StatusName
    reason: Prose
    binding: bool = Field(default=False, description="On rows of `all`: outrank every VO's own row.")


class Changed(Said):
    """What became of rows."""

    revision: int | None = Field(description="The revision that was made; null: nothing is other than before.")
    statuses: list[RowDealt] = Field(description="As they are now; empty if the database went away once it was done.")


IfMatch = Annotated[
    str | None, Header(description="Only if the one row is as this revision made it: its `revision`, in quotes.")
]
STALE: dict[int | str, dict[str, Any]] = {
    409: {"description": "A row changed since it was `seen`, or is not yours."},
    412: {"description": "The row is not what `If-Match` names; `current` tells what it is."},
}
_LONGEST = 20


@router.get("", summary="List statuses")
async def list_statuses(
    gridmask: Here,
    vo: WordFilter = None,
    family: FamilyFilter = None,
    type: WordFilter = None,  # noqa: A002 - its name in the URL
    name: NameFilter = None,
    site: NameFilter = None,
    status_type: WordFilter = None,
    status: Annotated[StatusName | None, Query()] = None,
    cursor: Cursor = 0,
    limit: Limit = 100,
) -> RowsSaid:
    """The rows for which every filter holds, in a lasting order.

    With `vo`: as a reader asking for that VO gets them, of the elements that its mask shows. Without: every row that there is.
    The rows of one element stay together, so that there may be slightly more than `limit`.
    """
    wanted = Filter(vo, family, type, name, site, status_type, status)
    page = await gridmask.statuses.page(wanted, cursor=cursor, limit=limit)
    return RowsSaid(statuses=list(map(said, page.rows)), next=page.cursor)


@router.post("", summary="Set statuses", responses=STALE)
async def set_statuses(asked: Setting, gridmask: Here, by: By, if_match: IfMatch = None) -> Changed:
    """Set rows, and take them out of automation's hands for a time: all of them in one transaction, or none."""
    seen = asked.sight(if_match)
    outcome, keys = await gridmask.statuses.set(
        by, asked.called(), asked.status, asked.reason, wanted=asked.wanted(), binding=asked.binding, seen=seen
    )
    return await changed(gridmask, outcome, keys)


async def changed(gridmask: Installation, outcome: Outcome, keys: Iterable[RowKey]) -> Changed:
    """What became of the rows of ``keys``. What is done is done, and told, even if nobody can look at it any more."""
    now_are: Iterable[Seen] = ()
    with suppress(StoreUnavailable):
        now_are = await gridmask.statuses.rows(keys)
    return dealt(outcome, now_are)


def dealt(outcome: Outcome, now_are: Iterable[Seen]) -> Changed:
    """What became of rows, which are now as they are."""
    others = {change.after.key if isinstance(change, SaveRow) else change.row.key for change in outcome.changed}
    rows = [RowDealt(**members(seen), changed=seen.row.key._replace(vo=seen.vo) in others) for seen in now_are]
    return Changed(revision=outcome.revision, statuses=rows)


def said(seen: Seen) -> RowSaid:
    """A row as the API says it."""
    return RowSaid(**members(seen))


def members(seen: Seen) -> dict[str, Any]:
    """What the API says about a row, by name."""
    row = seen.row
    return {
        **row.key.element._asdict(),
        "site": seen.element.site,
        "status_type": row.key.status_type,
        "vo": seen.vo,
        "row": row.key.vo,
        "status": row.status,
        "since": row.standing.since,
        "opinion": row.opinion,
        "token": row.token and Token.model_validate(row.token),
        "binding": row.binding,
        "reasons": list(map(Reason.model_validate, row.reasons)),
        "revision": row.revision,
    }
