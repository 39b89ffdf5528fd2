"""Rendering: a template and a message give a letter. As a program, it does so for others, and is bounded in all that it takes.

For each line of its input, ``{"template", "message"}``, it writes one: ``{"subject", "body"}``, or ``{"trouble"}``.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
from jinja2 import TemplateError

from gridmask.actions.notify.sandbox import Sandbox, within
from gridmask.actions.notify.writing import MessageSaid
from gridmask.printable import printable, writable

PATIENCE = 10.0
"""Seconds that a template may take."""

MEMORY = 512 * 2**20
"""Bytes that the program may have, whatever a template makes of what it is given."""

TOO_MUCH = "it takes more"
"""What is said of a template that was not through in time, or for want of room, begins with this."""

_SUBJECT = "Subject:"
_LONGEST_SUBJECT = 200
_LARGEST = 20 * 2**20


class Letter(NamedTuple):
    """A message in words. ``trouble``: what was wrong with the template; empty: nothing."""

    subject: str
    body: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be rendered, by which template."""

    template: str
    message: MessageSaid


def rendered(template: str, message: MessageSaid) -> Letter:
    """``message`` in the words of ``template``, which is trusted to come to an end.

    Raises:
        Exception: whatever the template leads to.
    """
    text = writable(_environment().from_string(template).render(message=message))
    if len(text) > _LARGEST:
        raise ValueError(f"it writes more than {_LARGEST:,} characters")
    first, _, body = text.lstrip("\n").partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError(f"its first line must be as in '{_SUBJECT} {{{{ message.headline }}}}'")
    # a line is a line: what sources say of themselves makes no headers
    subject = " ".join(printable(first.removeprefix(_SUBJECT)).split())
    if len(subject) > _LONGEST_SUBJECT:
        subject = f"{subject[: _LONGEST_SUBJECT - 3]}..."
    return Letter(subject or "Gridmask", printable(body.strip("\n")) + "\n")


def attempted(job: Job, seconds: float = PATIENCE) -> Letter:
    """What becomes of ``job`` within ``seconds``; or why nothing does, in words."""
    try:
        with within(seconds):
            return rendered(job.template, job.message)
    except MemoryError:
        return Letter("", "", f"{TOO_MUCH} memory than it may")
    except Exception as error:  # noqa: BLE001 - a template may raise anything, and people must be told all the same
        return Letter("", "", _told(error))


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


def main() -> None:
    """Render what comes, until nothing does. A template that took too much is not tried again."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    decoder, given_up = msgspec.json.Decoder(Job), dict[str, Letter]()
    for line in sys.stdin.buffer:
        job = decoder.decode(line)
        letter = given_up.get(job.template) or attempted(job)
        if letter.trouble.startswith(TOO_MUCH):
            given_up[job.template] = letter
        sys.stdout.buffer.write(msgspec.json.encode(letter) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
