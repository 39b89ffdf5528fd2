"""Tokens: a row in the hands of a person, for a term."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Term:
    """For how long a person takes rows out of the loop: until a moment, until automation agrees, or until they are released.

    Attributes:
        until: when it ends at the latest; None: never by itself.
        agreed: whether it ends as soon as automation asks for the very status that the row has; never where it binds.
        review_at: when somebody should look at it again; None: as the :class:`Custom` says.
    """

    until: datetime | None = None
    agreed: bool = False
    review_at: datetime | None = None


FOR_GOOD = Term()
"""Until they are released."""


@dataclass(frozen=True, slots=True)
class Token:
    """Ownership of a row by a person. While it lasts, automation computes, but does not act.

    Attributes:
        owner: whose the row is.
        expires_at: until when; None: until it is released.
        agreed: whether it also ends once automation asks for the very status that the row has.
        review_at: when somebody should look at it again.
        notice_at: when its owner is to be reminded; None once that is done.
    """

    owner: str
    expires_at: datetime | None
    agreed: bool = False
    review_at: datetime | None = None
    notice_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it still lasts, as far as time tells."""
        return self.expires_at is None or now < self.expires_at

    def reminded(self, now: datetime) -> Token:
        """The token after its owner was reminded, if it is time for that; else itself."""
        return replace(self, notice_at=None) if self.notice_at is not None and self.notice_at <= now else self


@dataclass(frozen=True, slots=True)
class Custom:
    """What terms are like in an installation.

    Attributes:
        lasts: how long a person holds a row who does not say.
        notice: how long before its end the owner of a token is reminded; of a short one, halfway.
        review: after how long somebody should look at what is held without an end.
    """

    lasts: timedelta = timedelta(days=1)
    notice: timedelta = timedelta(hours=12)
    review: timedelta = timedelta(days=30)

    def token(self, owner: str, term: Term, now: datetime) -> Token:
        """The token by which ``owner`` holds a row from ``now`` on, for ``term``."""
        if term.until is None:
            review_at = term.review_at or now + self.review
            return Token(owner, None, term.agreed, review_at, review_at)
        notice_at = term.until - min(self.notice, (term.until - now) / 2)
        return Token(owner, term.until, term.agreed, term.review_at or term.until, notice_at)


CUSTOM = Custom()
"""DIRAC's numbers, for the first two."""
