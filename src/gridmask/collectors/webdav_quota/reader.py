"""Asks for the quota of folders, each of which is an element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridmask.collectors.keys import key_of
from gridmask.collectors.observations import Observations, Problem
from gridmask.collectors.webdav_quota.options import WebdavQuota
from gridmask.collectors.webdav_quota.properties import AVAILABLE, USED, space_of
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import SPACE
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.domain.element import TypeRegistry
    from gridmask.source import Source


async def gather(asking: Asking) -> Gathered:
    """What the server says of each folder, in the order of the settings.

    Raises:
        SourceError: it was not told of one of them.
    """
    base, folders = asking.source.url.rstrip("/"), WebdavQuota.of(asking.source).folder
    urls = (f"{base}/{folder.path.lstrip('/')}" for folder in folders)
    return Gathered.of([await asking.properties(url, (AVAILABLE, USED)) for url in urls])


def read(answer: Gathered, source: Source, types: TypeRegistry) -> Observations:
    """What the answers say.

    Raises:
        MalformedAnswer: none of them tells a quota.
    """
    observations = Observations.of(_found(answer, source, types))
    if not observations.evidence:
        raise MalformedAnswer(source.name, f"tells no quota: {observations.problems[0]}")
    return observations


def _found(answer: Gathered, source: Source, types: TypeRegistry) -> Iterator[Evidence | Problem]:
    options, now = WebdavQuota.of(source), answer.provenance.fetched_at
    for body, folder in zip(answer.bodies, options.folder, strict=True):
        try:
            space = space_of(body, folder.path)
        except MalformedAnswer as error:
            yield Problem(str(error))
        except ValueError as error:
            yield Problem(f"{folder.path}: {error}")
        else:
            key = key_of(source.name, options.named(folder.element, types), SPACE, folder.element, vo=folder.vo)
            yield Evidence(key, SPACE, space, now, now + source.valid_for, folder.vo)
