"""Asks CRIC for its documents: of a server each by its address, of a folder the files that are called after them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gridmask.collectors.cric.options import CricOptions
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Gathered, redacted
from gridmask.http.files import is_file

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.http import NotModified


async def gather(asking: Asking) -> Gathered | NotModified:
    """All documents that the settings ask for.

    Raises:
        SourceError: not all of them came.
        InvalidConfiguration: they are to be read from one file.
    """
    options, url = CricOptions.of(asking.source), asking.source.url
    if len(options.documents) == 1:
        return await asking.whole("" if asking.is_document else address(url, options.preset or "atlas", options.documents[0]))
    if asking.is_document:
        told = f"is one file, and {options.preset} has {len(options.documents)} documents: give a folder, or a 'document'"
        raise InvalidConfiguration(redacted(url), told)
    return Gathered.of(await asking.get_all(address(url, options.preset, name) for name in options.documents))


def address(url: str, experiment: str, document: str) -> str:
    """Where ``document`` is: in the folder or on the server ``url``, or at ``url`` itself if that has a path."""
    if is_file(url):
        return f"{url.rstrip('/')}/{document}.json"
    if urlsplit(url).path.strip("/"):
        return url
    return f"{url.rstrip('/')}/api/{experiment}/{document}/query/?json"
