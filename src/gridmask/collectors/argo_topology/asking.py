"""Asks ARGO for both parts of a topology: its endpoints, and the groups that these are in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from gridmask.collectors.argo_topology.options import ArgoTopology
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Gathered, redacted
from gridmask.http.files import is_file

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.http import NotModified

PATH = "/api/v2"
PARTS = ("endpoints", "groups")


async def gather(asking: Asking) -> Gathered | NotModified:
    """The endpoints, then the groups.

    Raises:
        SourceError: not both of them came.
        InvalidConfiguration: they are to be read from one file.
    """
    url = asking.source.url.rstrip("/")
    if asking.is_document:
        raise InvalidConfiguration(redacted(url), "is one file; give a folder with endpoints.json and groups.json")
    if is_file(url):
        return Gathered.of(await asking.get_all(f"{url}/{part}.json" for part in PARTS))
    base, report = url.removesuffix("/api/v3").removesuffix(PATH), ArgoTopology.of(asking.source).report
    which = f"/by_report/{quote(report, safe='')}" if report else ""
    return Gathered.of(await asking.get_all(f"{base}{PATH}/topology/{part}{which}" for part in PARTS))
