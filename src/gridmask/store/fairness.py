"""Who is next: of work that is due, what is taken up. Pure.

A VO with little under way goes first, then a kind of work with little under way, then what has been due for longest. So a
VO with a thousand sources waits for itself, and nobody for it. A host is one process's at a time: its limits hold over all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Work that is due: of what ``kind`` and ``key``, for which ``vo``, at which ``host``, since ``due_at``."""

    kind: str
    key: str
    vo: str
    host: str
    due_at: datetime


@dataclass(slots=True)
class UnderWay:
    """What all processes do: how much for each VO, and of each kind for it; ``hosts``: whose each of them is."""

    vos: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    hosts: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, vo: str, host: str, holder: str) -> None:
        """Count one more, of ``holder``."""
        self.vos[vo] += 1
        self.kinds[vo, kind] += 1
        if host:
            self.hosts[host] = holder


def chosen(due: Iterable[Candidate], under_way: UnderWay, room: Mapping[str, int], holder: str) -> list[Candidate]:
    """What of ``due`` the process called ``holder`` takes up, which has ``room`` for so much of each kind.

    ``under_way`` counts it, too, afterwards.
    """
    left, found = dict(room), list[Candidate]()
    waiting: dict[tuple[str, str], list[Candidate]] = {}
    for one in sorted(due, key=lambda one: (one.due_at, one.key), reverse=True):
        waiting.setdefault((one.vo, one.kind), []).append(one)
    while groups := [group for group, those in waiting.items() if those and left.get(group[1], 0) > 0]:
        group = min(groups, key=lambda group: _rank(group, waiting[group], under_way))
        one = waiting[group].pop()
        if under_way.hosts.get(one.host, holder) != holder:
            continue
        left[one.kind] -= 1
        under_way.add(one.kind, one.vo, one.host, holder)
        found.append(one)
    return found


def _rank(group: tuple[str, str], those: Sequence[Candidate], under_way: UnderWay) -> tuple[int, int, datetime, str]:
    vo, _ = group
    return under_way.vos[vo], under_way.kinds[group], those[-1].due_at, vo
