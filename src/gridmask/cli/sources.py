"""Sources that the command line names, so that a trial needs no file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.settings import Settings
    from gridmask.source import Source

_FORM = "'--source KIND=URL'"


def added(settings: Settings, written: Sequence[str]) -> Settings:
    """``settings``, and a source for each of ``written``: ``KIND=URL`` or ``KIND=PATH``, named after its kind."""
    found = list(settings.source)
    for text in written:
        found.append(_source(text, {source.name for source in found}))
    return settings.model_copy(update={"source": tuple(found)})


def _source(text: str, taken: set[str]) -> Source:
    from gridmask.documents import validated
    from gridmask.plugins import kind_of
    from gridmask.settings import locate
    from gridmask.source import Source

    kind, separator, url = text.partition("=")
    if not (kind and separator and url):
        raise typer.BadParameter(f"{text!r} is not KIND=URL", param_hint=_FORM)
    source = validated(Source, {"name": _free(kind, taken), "kind": kind, "url": locate(url, Path.cwd())}, f"--source {text}")
    kind_of(source)
    return source


def _free(name: str, taken: set[str]) -> str:
    """``name``, or the first of ``name-2``, ``name-3``... that is not taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
