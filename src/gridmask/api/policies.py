"""``/api/v1/policies``: the policies of VOs that keep them by the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field

from gridmask.api.dependencies import By, Here, Limit
from gridmask.api.models import Asked, Moment, Prose, Said, Some
from gridmask.conditional import has_it, tags
from gridmask.service.policy_layers import MOST_BYTES, MOST_DOTS, named
from gridmask.store.policy_layers import revision_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.policies.check import Checked
    from gridmask.policies.layers import Problem
    from gridmask.service.policy_layers import Put
    from gridmask.store.policy_layers import Layer, Version

router = APIRouter(prefix="/api/v1/policies", tags=["policies"])

VoName = Annotated[str, Path(max_length=64, description="The VO, by its name or an alias.")]
Number = Annotated[int, Query(ge=1, le=2**31 - 1)]
_TOML = f"TOML, as in a file of policies; up to {MOST_BYTES:,} bytes, and {MOST_DOTS} dots in a line."
TomlText = Annotated[str, Field(description=_TOML)]
_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The reader has it already."}}
_STALE: dict[int | str, dict[str, Any]] = {
    412: {"description": "The layer is not what `If-Match` names; `current` tells what it is."}
}


class PolicyVersionSaid(Said):
    """A version of a VO's layer, without its text."""

    vo: str
    version: int = Field(description="1 is the VO's first; 0 stands for what there is before anybody put one.")
    revision: str = Field(description="The SHA-256 of the text.")
    author: Some = Field(description="Who put it.")
    at: Moment | None = Field(description="When.")
    reason: Some = Field(description="Why.")


class PolicyVersionsSaid(Said):
    """Versions of a VO's layer, the last first."""

    versions: list[PolicyVersionSaid]
    next: int | None = Field(description="The `before` that asks for what comes after; null: that was all.")


class PolicyLayerSaid(PolicyVersionSaid):
    """A version of a VO's layer."""

    text: str = Field(description="TOML, as it was written.")


class PolicyTextAsked(Asked):
    """What a VO's layer could say."""

    text: TomlText


class PolicyLayerAsked(PolicyTextAsked):
    """What a VO's layer is to say."""

    reason: Prose = Field(description="Why, for those who come after.")


class PolicyPutSaid(Said):
    """What putting a layer led to."""

    layer: PolicyLayerSaid
    revision: int | None = Field(description="The revision that was made; null: no status changed.")
    changed: int = Field(description="How many rows changed.")


class PolicyProblemSaid(Said):
    """Something that is wrong in policies, or that can hardly be meant."""

    file: str = Field(description="What the text is called.")
    line: int | None = Field(description="Where in it, if that is known.")
    key: str = Field(description="The key, from the document's top; empty if it is about the whole text.")
    text: str = Field(description="What is wrong, and what to do.")


class PolicyCheckSaid(Said):
    """What came of a check."""

    ok: bool = Field(description="Whether it could be put.")
    revision: str | None = Field(description="The revision that the layer would have; null: it would be refused.")
    errors: list[PolicyProblemSaid] = Field(description="For what it would be refused.")
    warnings: list[PolicyProblemSaid] = Field(description="What can hardly be meant.")


@router.get("/{vo}", summary="Read a VO's policies", response_model=PolicyLayerSaid, responses=_MODIFIED)
async def read_policies(
    vo: VoName,
    gridmask: Here,
    version: Annotated[Number | None, Query(description="This version; else the last.")] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The layer of a VO that keeps its policies by the API. The `ETag` is what `If-Match` of a change compares."""
    layer = await gridmask.policy_layers.show(vo, version)
    headers = {"ETag": _etag(layer.version), "Cache-Control": "no-cache"}
    if if_none_match is not None and has_it(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return _json(said(layer), headers)


@router.put("/{vo}", summary="Put a VO's policies", response_model=PolicyPutSaid, responses=_STALE)
async def put_policies(
    vo: VoName,
    asked: PolicyLayerAsked,
    gridmask: Here,
    by: By,
    if_match: Annotated[str | None, Header(description="Only if this is what is there.")] = None,
) -> Response:
    """Checked together with all other policies, kept, and put into force at once; or all of it refused."""
    seen = None if if_match is None or if_match.strip() == "*" else tags(if_match)
    put = await gridmask.policy_layers.put(by, vo, asked.text, asked.reason, seen=seen)
    return _json(put_said(put), {"ETag": _etag(put.layer.version)})


@router.post("/{vo}/check", summary="Check a VO's policies")
async def check_policies(vo: VoName, asked: PolicyTextAsked, gridmask: Here, by: By) -> PolicyCheckSaid:
    """Everything that is wrong with a text as the VO's layer, and what can hardly be meant. Nothing is put."""
    return checked_said(asked.text, await gridmask.policy_layers.check(by, vo, asked.text))


@router.get("/{vo}/versions", summary="List the versions of a VO's policies")
async def list_policy_versions(
    vo: VoName,
    gridmask: Here,
    before: Annotated[Number | None, Query(description="`next` of the answer before.")] = None,
    limit: Limit = 100,
) -> PolicyVersionsSaid:
    """All that its layer ever was, the last first; also of a VO that does not keep it by the API any more."""
    return versions_said(await gridmask.policy_layers.versions(vo, before=before, limit=limit), limit)


def said(layer: Layer) -> PolicyLayerSaid:
    """``layer`` as the API says it."""
    return PolicyLayerSaid(**_members(layer.version), text=layer.text)


def put_said(put: Put) -> PolicyPutSaid:
    """What putting a layer led to, as the API says it."""
    return PolicyPutSaid(layer=said(put.layer), revision=put.outcome.revision, changed=len(put.outcome.changed))


def checked_said(text: str, checked: Checked) -> PolicyCheckSaid:
    """What came of a check of ``text``, as the API says it."""
    return PolicyCheckSaid(
        ok=not checked.errors,
        revision=None if checked.errors else revision_of(text),
        errors=_problems(checked.errors),
        warnings=_problems(checked.warnings),
    )


def versions_said(found: list[Version], limit: int) -> PolicyVersionsSaid:
    """Versions, of which ``limit`` were asked for, as the API says them."""
    following = found[-1].number if len(found) == limit and found[-1].number > 1 else None
    return PolicyVersionsSaid(versions=[PolicyVersionSaid(**_members(one)) for one in found], next=following)


def _members(version: Version) -> dict[str, Any]:
    return {
        "vo": version.vo,
        "version": version.number,
        "revision": version.revision,
        "author": version.author,
        "at": version.at,
        "reason": version.reason,
    }


def _problems(found: Iterable[Problem]) -> list[PolicyProblemSaid]:
    return [PolicyProblemSaid(file=one.file, line=one.line, key=one.key, text=one.text) for one in found]


def _etag(version: Version) -> str:
    return f'"{named(version)}"'


def _json(told: Said, headers: dict[str, str]) -> Response:
    return Response(told.model_dump_json(), headers=headers, media_type="application/json")
