"""What to ask GOCDB for, and where: of a server the answers to our questions, of a folder the files named after the methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors.gocdb import downtimes, topology
from gridmask.collectors.gocdb.pages import ask_all
from gridmask.http import Gathered
from gridmask.http.files import is_file

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.http import Ask


async def ask_for_inventory(ask: Ask, url: str, scope: str = "") -> Gathered:
    """All sites and services of GOCDB.

    Args:
        ask: reads a URL.
        url: GOCDB's programmatic interface, or a folder with a file for each method.
        scope: the scopes to ask for, separated by commas; empty is all.

    Raises:
        SourceError: not all of it came, or something else did.
    """
    if is_file(url):
        return Gathered.of([await ask(_in_folder(url, method)) for method in topology.METHODS])
    return Gathered.of([page for question in topology.questions(scope) for page in await ask_all(ask, url, question)])


async def ask_for_downtimes(ask: Ask, url: str, now: datetime, scope: str = "") -> Gathered:
    """All downtimes of GOCDB that matter.

    Args:
        ask: reads a URL.
        url: GOCDB's programmatic interface, or a folder with a file named after the method.
        now: the time.
        scope: the scopes to ask for, separated by commas; empty is all.

    Raises:
        SourceError: not all of it came, or something else did.
    """
    if is_file(url):
        return Gathered.of([await ask(_in_folder(url, downtimes.METHOD))])
    return Gathered.of(await ask_all(ask, url, downtimes.question(now, scope)))


def _in_folder(url: str, method: str) -> str:
    return f"{url.rstrip('/')}/{method}.xml"
