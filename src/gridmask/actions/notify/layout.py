"""Layout: which template writes a message. One that is broken gives way to the one that comes with us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from gridmask.actions.notify import apart
from gridmask.actions.notify.rendering import Job, Letter, rendered

if TYPE_CHECKING:
    from gridmask.actions.notify.writing import MessageSaid

__all__ = ["Layout", "Letter"]

log = structlog.get_logger()

ALL = "all"
"""The name of the template for whatever has none of its own."""

SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class Layout:
    """The templates of a folder, one for each VO by name, and ``all.j2``; None: there are none."""

    folder: Path | None = None

    def letters(self, messages: Sequence[MessageSaid]) -> list[Letter]:
        """Each in words: by the template of its VO, else by that of all, else by the one that comes with us."""
        found = {at: path for at, message in enumerate(messages) if (path := self._template(message.vo)) is not None}
        jobs, unread = dict[int, Job](), dict[int, Letter]()
        for at, path in found.items():
            try:
                jobs[at] = Job(path.read_text(encoding="utf-8"), messages[at])
            except (OSError, ValueError) as error:
                unread[at] = Letter("", "", str(error))
        theirs = unread | dict(zip(jobs, apart.letters(list(jobs.values())), strict=True))
        return [self._or_ours(theirs.get(at), found.get(at), message) for at, message in enumerate(messages)]

    def letter(self, message: MessageSaid) -> Letter:
        """The same of one."""
        return self.letters([message])[0]

    def _or_ours(self, theirs: Letter | None, path: Path | None, message: MessageSaid) -> Letter:
        """The letter that was written by the template at ``path``, or, where that is broken, the usual one."""
        if theirs is None or path is None:
            return rendered(_own(), message)
        if not theirs.trouble:
            return theirs
        log.warning("a template is broken", template=str(path), problem=theirs.trouble)
        trouble = f"the template {path.name} is broken: {theirs.trouble}"
        subject, body, _ = rendered(_own(), message)
        return Letter(subject, f"{body}\n({trouble}; this is the usual form.)\n", trouble)

    def _template(self, vo: str) -> Path | None:
        if self.folder is None:
            return None
        names = (vo, ALL) if vo and Path(vo).name == vo else (ALL,)
        candidates = (self.folder / f"{name}{SUFFIX}" for name in names)
        return next((path for path in candidates if path.is_file()), None)


@cache
def _own() -> str:
    return files("gridmask.actions.notify").joinpath("templates", f"default{SUFFIX}").read_text(encoding="utf-8")
