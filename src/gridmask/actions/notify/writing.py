"""Writing: what templates know of a message, and the words for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from gridmask.actions.notify.items import joined
from gridmask.domain.severity import Severity
from gridmask.printable import printable

if TYPE_CHECKING:
    from gridmask.actions.notify.grouping import Message
    from gridmask.actions.notify.items import Item
    from gridmask.domain.status import Status

_VERBS = {
    Severity.LOST: "can no longer be used",
    Severity.REGAINED: "can be used again",
    Severity.WORSE: "got worse",
    Severity.BETTER: "got better",
    Severity.OTHER: "changed",
}
_ORDER = (Severity.LOST, Severity.WORSE, Severity.REGAINED, Severity.BETTER, Severity.OTHER)
_FEW = 3
_CALLING = re.compile(r"(?<!\w)@(?=(?:all|channel|everyone|here|room)\b)")


@dataclass(frozen=True, slots=True)
class StepSaid:
    """An event, as templates know it. ``before`` and ``after`` are statuses; empty, where there was none."""

    at: datetime
    before: str
    after: str
    why: str
    who: str
    revision: int


@dataclass(frozen=True, slots=True)
class ItemSaid:
    """The story of a subject, as templates know it.

    Attributes:
        subject: what it is about, in words; ``kind``: ``row``, or ``batch``, ``reminder``, ``source``.
        name, family, type, status_type, vo, site: of a row.
        before, after: its status at first and at last; empty, where there was none.
        since: since when it is that; ``why``: why; ``who``: a person who did it, or empty.
        severity: ``lost``, ``worse``, ``better``, ``regained`` or ``other``.
        is_back: whether it ended where it began.
        steps: each single event.
        link: its page in the portal; empty, where nobody says where that is.
    """

    subject: str
    kind: str
    name: str
    family: str
    type: str
    status_type: str
    vo: str
    site: str
    before: str
    after: str
    since: datetime
    why: str
    who: str
    severity: str
    is_back: bool
    steps: tuple[StepSaid, ...]
    link: str


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together: ``name``, and the items, the gravest first."""

    name: str
    items: tuple[ItemSaid, ...]


@dataclass(frozen=True, slots=True)
class MessageSaid:
    """A message, as templates know it.

    Attributes:
        vo: whose it is; empty, if it is not of one VO alone.
        tables: the names of the tables of the settings that it comes from.
        sections: what it tells.
        count: how many events that is.
        is_digest: whether it puts together what would have been several messages.
        at: when it was written.
        portal: where the portal is; empty, where nobody says.
        headline: what it tells, in a few words.
    """

    vo: str
    tables: tuple[str, ...]
    sections: tuple[Section, ...]
    count: int
    is_digest: bool
    at: datetime
    portal: str
    headline: str


def said(message: Message, vo: str, portal: str, now: datetime) -> MessageSaid:
    """``message`` as templates know it."""
    by_name: dict[str, list[Item]] = {}
    for part in message.parts:
        by_name.setdefault(part.group, []).extend(part.items)
    sections = tuple(_section(name, joined(items), portal) for name, items in by_name.items())
    told = [item for section in sections for item in section.items]
    count = sum(len(item.steps) for item in told)
    headline = _headline(told)
    return MessageSaid(vo, message.plans, sections, count, len(message.parts) > 1, now, portal, headline)


def _section(name: str, items: Iterable[Item], portal: str) -> Section:
    ordered = sorted(
        (_item(item, portal) for item in items), key=lambda one: (_ORDER.index(Severity(one.severity)), one.subject)
    )
    return Section(_line(name), tuple(ordered))


def _item(item: Item, portal: str) -> ItemSaid:
    subject, last = item.subject, item.steps[-1]
    steps = tuple(StepSaid(s.at, _label(s.before), _label(s.after), _line(s.why), _line(s.who), s.revision) for s in item.steps)
    return ItemSaid(
        subject=_line(str(subject)),
        kind=subject.kind,
        name=_line(subject.name),
        family=subject.family,
        type=subject.type,
        status_type=subject.status_type,
        vo=subject.vo,
        site=_line(subject.site),
        before=_label(item.before),
        after=_label(item.after),
        since=item.since,
        why=_line(last.why),
        who=_line(last.who),
        severity=str(item.severity),
        is_back=item.is_back,
        steps=steps,
        link=_link(item, portal),
    )


def _link(item: Item, portal: str) -> str:
    if not portal or item.subject.kind != "row":
        return ""
    path = "/".join(quote(part, safe="") for part in (item.subject.family, item.subject.type, item.subject.name))
    return f"{portal.rstrip('/')}/elements/{path}?vo={quote(item.subject.vo, safe='')}"


def _headline(items: list[ItemSaid]) -> str:
    """What happened, gravest first: ``ce01, ce02 can no longer be used; 3 others changed``."""
    rows = [item for item in items if item.kind == "row"]
    parts = []
    for severity in _ORDER:
        names = list(dict.fromkeys(item.name for item in rows if item.severity == severity and not item.is_back))
        if names:
            parts.append(f"{_named(names)} {_VERBS[severity]}")
    if back := list(dict.fromkeys(item.name for item in rows if item.is_back)):
        parts.append(f"{_named(back)} {'is' if len(back) == 1 else 'are'} back as before")
    parts += [f"{item.subject} {item.why.partition(': ')[0]}" for item in items if item.kind != "row"][:_FEW]
    return "; ".join(parts)


def _named(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= _FEW else f"{', '.join(names[: _FEW - 1])} and {len(names) - _FEW + 1:,} others"


def _line(text: str) -> str:
    """``text`` in one line: what others say of themselves makes no lines of ours, and calls nobody in a chat."""
    return _CALLING.sub("@\u200b", " ".join(printable(text).split()))


def _label(status: Status | None) -> str:
    return "" if status is None else status.label
