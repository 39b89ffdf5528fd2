"""Rights: what somebody may do, and for which VO. Whatever is not granted is denied.

This is the one table of it: use cases ask for an :class:`Action`, and whoever comes in brings :class:`Grant` values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(StrEnum):
    """What somebody is to a VO."""

    READER = "reader"
    REPORTER = "reporter"
    OPERATOR = "operator"
    AUTHOR = "author"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        """Whether who has this role has ``other`` as well."""
        return other is self or other in _INCLUDED[self]


_INCLUDED: dict[Role, frozenset[Role]] = {
    Role.READER: frozenset(),
    Role.REPORTER: frozenset(),
    Role.OPERATOR: frozenset({Role.READER, Role.REPORTER}),
    Role.AUTHOR: frozenset({Role.READER}),
    Role.ADMINISTRATOR: frozenset(Role),
}

OF_THE_INSTALLATION = frozenset({Role.READER, Role.REPORTER, Role.ADMINISTRATOR})
"""The roles that somebody can have for ``all``: its rows and the inventory belong to administrators (promise V5)."""


IMPOSSIBLE = "of all there are readers, reporters and administrators; of a VO, all but administrators"
"""Which grants make no sense, in words."""


class Action(Enum):
    """Something that somebody does, and the role that it takes."""

    READ = "read", Role.READER
    READ_AUDIT = "read the audit", Role.OPERATOR
    REPORT_EVIDENCE = "report evidence", Role.REPORTER
    REPLACE_EVIDENCE = "replace evidence", Role.REPORTER
    SET_STATUSES = "set statuses", Role.OPERATOR
    HOLD_ROWS = "hold or release rows", Role.OPERATOR
    RULE_AUTOMATION = "decide on automation", Role.OPERATOR
    DECLARE_DOWNTIMES = "declare downtimes", Role.OPERATOR
    CANCEL_DOWNTIMES = "cancel downtimes", Role.OPERATOR
    CONFIRM_HELD = "confirm what is held", Role.OPERATOR
    DROP_HELD = "drop what is held", Role.OPERATOR
    CHECK_POLICIES = "check policies", Role.AUTHOR
    PUT_POLICIES = "put policies", Role.AUTHOR
    READ_SOURCES = "read sources", Role.ADMINISTRATOR
    BELIEVE_PROBES = "say that failures which probes see are real", Role.ADMINISTRATOR
    DECIDE_QUARANTINE = "decide on answers in quarantine", Role.ADMINISTRATOR
    IMPORT_HISTORY = "import what DIRAC has", Role.ADMINISTRATOR
    ADD_VOS = "add VOs", Role.ADMINISTRATOR
    RETIRE_VOS = "retire VOs", Role.ADMINISTRATOR
    CARRY_RECORDINGS = "take recordings out, or bring them in", Role.ADMINISTRATOR
    MANAGE_ACTIONS = "see or decide on what actions could not tell", Role.ADMINISTRATOR
    USE_ACTUATORS = "see or decide on what actuators do", Role.ADMINISTRATOR
    ISSUE_TOKENS = "issue or revoke service tokens", Role.ADMINISTRATOR

    def __init__(self, words: str, role: Role) -> None:
        self.words = words
        self.role = role


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """That somebody has ``role`` for ``vo``, a canonical name or ``all``."""

    role: Role
    vo: str

    def __str__(self) -> str:
        return f"{self.role} of {self.vo}"

    @property
    def makes_sense(self) -> bool:
        """Whether there is such a role for that VO."""
        return (self.role in OF_THE_INSTALLATION) if self.vo == ALL else self.role is not Role.ADMINISTRATOR

    def allows(self, action: Action, vo: str) -> bool:
        """Whether it is enough for ``action`` on what belongs to ``vo``."""
        if self.role is Role.ADMINISTRATOR:
            return True
        # who reads or reports for all does so for each VO
        return self.vo in {vo, ALL} and self.role.includes(action.role)


def allowed(grants: Iterable[Grant], action: Action, vo: str) -> bool:
    """Whether ``grants`` are enough for ``action`` on what belongs to ``vo``."""
    return any(grant.allows(action, vo) for grant in grants)


def needed(action: Action, vo: str) -> str:
    """Who may do ``action`` to what belongs to ``vo``, in words."""
    if action.role is Role.ADMINISTRATOR or (vo == ALL and action.role not in OF_THE_INSTALLATION):
        return "an administrator of the installation"
    return f"{'an' if action.role[0] in 'aeiou' else 'a'} {action.role} of {vo}"
