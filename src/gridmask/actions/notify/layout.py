"""Layout: templates, which write messages, in a sandbox. One that is broken gives way to the one that comes with us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from jinja2 import Template, TemplateError

from gridmask.actions.notify.sandbox import Sandbox, within

if TYPE_CHECKING:
    from gridmask.actions.notify.writing import MessageSaid

log = structlog.get_logger()

ALL = "all"
"""The name of the template for whatever has none of its own."""

PATIENCE = 10.0
"""Seconds that a template may take."""

SUFFIX = ".j2"
_SUBJECT = "Subject:"
_LONGEST_SUBJECT = 200
_LARGEST = 20 * 2**20


class Letter(NamedTuple):
    """A message in words. ``trouble``: what was wrong with the template; empty: nothing."""

    subject: str
    body: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The templates of a folder, one for each VO by name, and ``all.j2``; None: there are none."""

    folder: Path | None = None

    def letter(self, message: MessageSaid) -> Letter:
        """``message`` in words: by the template of its VO, else by that of all, else by the one that comes with us."""
        path = self._template(message.vo)
        if path is None:
            return _written(_own(), message)
        try:
            with within(PATIENCE):
                return _written(_environment().from_string(path.read_text(encoding="utf-8")), message)
        except Exception as error:  # noqa: BLE001 - a template may raise anything, and people must be told all the same
            trouble = f"the template {path.name} is broken: {_told(error)}"
            log.warning("a template is broken", template=str(path), problem=_told(error))
        subject, body, _ = _written(_own(), message)
        return Letter(subject, f"{body}\n({trouble}; this is the usual form.)\n", trouble)

    def _template(self, vo: str) -> Path | None:
        if self.folder is None:
            return None
        names = (vo, ALL) if vo and Path(vo).name == vo else (ALL,)
        candidates = (self.folder / f"{name}{SUFFIX}" for name in names)
        return next((path for path in candidates if path.is_file()), None)


def _written(template: Template, message: MessageSaid) -> Letter:
    text = template.render(message=message)
    if len(text) > _LARGEST:
        raise ValueError(f"it writes more than {_LARGEST:,} characters")
    first, _, body = text.lstrip("\n").partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError(f"its first line must be as in '{_SUBJECT} {{{{ message.headline }}}}'")
    # a line is a line: what sources say of themselves makes no headers
    subject = " ".join(first.removeprefix(_SUBJECT).split())
    if len(subject) > _LONGEST_SUBJECT:
        subject = f"{subject[: _LONGEST_SUBJECT - 3]}..."
    return Letter(subject or "Gridmask", body.strip("\n") + "\n")


def _told(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    where = f"line {line}: " if line else ""
    return f"{where}{error}" if isinstance(error, TemplateError | ValueError | OSError) else f"{type(error).__name__}: {error}"


@cache
def _environment() -> Sandbox:
    made = Sandbox()
    made.filters["utc"] = _utc
    return made


def _utc(when: Any) -> str:  # noqa: ANN401 - whatever a template gives
    if not isinstance(when, datetime):
        raise TypeError(f"{when!r} is no moment")
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@cache
def _own() -> Template:
    text = files("gridmask.actions.notify").joinpath("templates", f"default{SUFFIX}").read_text(encoding="utf-8")
    return _environment().from_string(text)
