"""What pages are made with: templates, and the files that they link to, under names that change with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException

from gridmask.portal.drawing import marks
from gridmask.portal.frame import addresses, wording

router = APIRouter(include_in_schema=False)

PREFIX = "/static/"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""The content security policy of pages."""

TAG = "pages"
"""Marks routes that answer people: what goes wrong there is told as a page, too."""

_MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages link to."""

    path: str
    body: bytes
    media_type: str


@cache
def assets() -> Mapping[str, Asset]:
    """All files that pages link to, by plain name. They lie beside the templates that link to them."""
    folders = [folder for folder in files("gridmask.portal").iterdir() if folder.is_dir()]
    found = [file for folder in folders for file in folder.iterdir() if file.name.rpartition(".")[2] in _MEDIA_TYPES]
    return {file.name: _asset(file.name, file.read_bytes()) for file in found}


def _asset(name: str, body: bytes) -> Asset:
    stem, _, kind = name.rpartition(".")
    digest = hashlib.blake2b(body, digest_size=6).hexdigest()
    return Asset(f"{PREFIX}{stem}-{digest}.{kind}", body, _MEDIA_TYPES[kind])


@cache
def environment() -> Environment:
    """Where templates come from, and what they can use."""
    made = Environment(
        loader=PackageLoader("gridmask.portal", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": lambda name: assets()[name].path, "every_mark": tuple(marks.Mark)}
    made.globals |= {"matrix_of": addresses.matrix, "overview_of": addresses.overview}
    made.globals |= {"page_of": addresses.element, "source_of": addresses.source, "guard_of": addresses.guard}
    made.globals |= {"policies_of": addresses.policies, "policy_of": addresses.policy}
    made.globals |= {"workbench_of": addresses.workbench, "versions_of": addresses.layer_versions}
    made.filters |= {"anchor_of": addresses.anchor_of, "web": addresses.web}
    made.filters |= {"marks": marks.marks}
    made.filters |= {word.__name__: word for word in _WORDS}
    return made


_WORDS = (
    wording.ago,
    wording.ahead,
    wording.announced,
    wording.aspect,
    wording.clock,
    wording.length_of,
    wording.minute,
    wording.near,
    wording.note,
    wording.number,
    wording.second,
    wording.seconds,
    wording.soon,
    wording.span,
    wording.things,
    wording.told,
)


@router.api_route(PREFIX + "{name}", methods=["GET", "HEAD"])
async def asset(name: str) -> Response:
    """A file that pages link to. As another content has another name, it can be kept for ever."""
    for each in assets().values():
        if each.path == PREFIX + name:
            headers = {"Cache-Control": "public, max-age=31536000, immutable"}
            return Response(each.body, headers=headers, media_type=each.media_type)
    raise HTTPException(404, "There is no such file.")
