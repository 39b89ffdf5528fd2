"""Conditions on changes, for those who are told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.cel.text import Complaint, Failed

if TYPE_CHECKING:
    from gridmask.cel.engine import Condition
    from gridmask.domain.news import Change


@dataclass(frozen=True, slots=True)
class ChangeCondition:
    """A condition on a change, in CEL; there are ``change``, and its ``row`` and ``element``.

    Attributes:
        source: the condition, as it is written.

    Raises:
        ValueError: it is none; the text tells where.
    """

    source: str
    _compiled: Condition = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            from gridmask.cel.engine import CHANGE, compiled  # noqa: PLC0415 - nobody else pays for the library
        except ImportError as error:
            raise ValueError(f"cel-expr-python, which this needs, cannot be loaded here: {error}") from error
        try:
            object.__setattr__(self, "_compiled", compiled(self.source, (), CHANGE))
        except Complaint as error:
            raise ValueError(str(error)) from error

    def holds(self, change: Change) -> bool:
        """Whether it is true of ``change``.

        Raises:
            ValueError: it is neither true nor false of it.
        """
        from gridmask.cel.messages import messages  # noqa: PLC0415 - likewise

        wanted, made = self._compiled.names.intersection(("row", "element", "change")), messages()
        try:
            return self._compiled.holds({name: made.of(name.capitalize(), change) for name in wanted})
        except Failed as error:
            raise ValueError(str(error)) from error
